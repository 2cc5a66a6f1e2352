package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Progress;
import java.util.List;

/**
 * Turns texts and images into embeddings of one space, [n, d] float32 of length 1, in which an image is near the texts that
 * describe it.
 *
 * <p>Files of equal bytes get equal embeddings. Images of one call are embedded in batches; with another batch the last bits of an
 * embedding may differ, as ONNX Runtime chooses other orders of summation.
 */
public interface ImageTextEncoder extends TextEncoder {
    /** SHA-256 in hexadecimal over all that determines the embeddings of images: vision model and preprocessing. */
    String imageDigest();

    /** How cosines become the logits of the training. */
    LogitScale logitScale();

    /** Sentences with {@code {}} for a name, in which names of classes and concepts are best embedded. */
    List<String> promptTemplates();

    /** The images that it was trained on, where that is known. */
    default TrainingImages trainingImages() {
        return TrainingImages.none();
    }

    /** Prepares a picture for {@link #embed}; several threads may do so at once. */
    PixelValues prepare(RgbImage picture);

    /** How many pictures are best embedded at once; 16 unless their size is known. */
    default int batch() {
        return 16;
    }

    /** Embeds prepared pictures, [n, d] in their order; the caller closes the matrix. */
    EmbeddingMatrix embed(List<PixelValues> pictures);

    /**
     * Embeds the pictures of a data set, as many at once as memory allows; the caller closes the embeddings.
     *
     * @throws dev.lapidary.runtime.InputException where none can be read
     */
    default EncodedImages encode(ImageItems images, Progress progress) {
        return ImageEncoding.run(this, null, images, progress);
    }
}
