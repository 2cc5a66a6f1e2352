package dev.lapidary.contrast;

import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The images of a step and the captions that they are compared with.
 *
 * @param images which
 * @param captions one caption drawn for each image, each once, ascending
 * @param rows [captions, width], the captions' embeddings
 */
@SuppressWarnings("ArrayRecordComponent") // made for one step, never changed
record Batch(int[] images, int[] captions, float[] rows) {
    /** Draws a caption for each image. */
    static Batch of(ImageTextPairs pairs, int[] images, Augmentation augmentation, long step) {
        int[] captions = Arrays.stream(images)
                .map(image -> {
                    int[] own = pairs.captions(image);
                    return own[augmentation.caption(step, image, own.length)];
                })
                .sorted()
                .distinct()
                .toArray();
        int width = pairs.embeddings().width();
        float[] rows = new float[captions.length * width];
        IntStream.range(0, captions.length)
                .forEach(i -> System.arraycopy(pairs.embeddings().row(captions[i]), 0, rows, i * width, width));
        return new Batch(images, captions, rows);
    }

    /** The captions' embeddings [captions, width]; the scope's. */
    Tensor embeddings() {
        return Tensors.of(rows, captions.length, rows.length / captions.length);
    }

    /** Whether each caption is one of the images' own, [images, captions]. */
    boolean[][] own(ImageTextPairs pairs, int[] some) {
        boolean[][] own = new boolean[some.length][captions.length];
        for (int i = 0; i < some.length; i++) {
            for (int j = 0; j < captions.length; j++) {
                own[i][j] = pairs.has(some[i], captions[j]);
            }
        }
        return own;
    }
}
