package dev.lapidary.contrast;

import dev.lapidary.encode.TrainingImages;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageReport;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Images in memory as squares of one side, each with its class. */
public final class LabelledImages implements AutoCloseable {
    private final SquareImages images;
    private final List<String> classes;
    private final int[] labels; // [images]

    private LabelledImages(SquareImages images, List<String> classes, int[] labels) {
        this.images = images;
        this.classes = classes;
        this.labels = labels;
    }

    /**
     * Reads all images of a data set with classes.
     *
     * @param side to which images are resized and cropped, in pixels
     * @throws InputException where an image has no class, there are not two classes, or the images do not fit into memory
     */
    public static LabelledImages read(ImageItems items, int side, Progress progress) {
        List<String> classes = items.classes();
        List<Integer> labels = new ArrayList<>();
        SquareImages images = SquareImages.read(
                items,
                side,
                progress,
                item -> labels.add(classes.indexOf(item.label()
                        .orElseThrow(() -> new InputException(item.name() + ": must have a class; got none")))));
        return new LabelledImages(
                images, classes, labels.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Number of images, n. */
    public int size() {
        return labels.length;
    }

    /** The classes, sorted. */
    public List<String> classes() {
        return classes;
    }

    /** What was read and what was skipped. */
    public ImageReport report() {
        return images.report();
    }

    TrainingImages files() {
        return images.files();
    }

    Pixels pixels() {
        return images.pixels();
    }

    int label(int image) {
        return labels[image];
    }

    /** SHA-256 in hexadecimal over pixels, classes and labels. */
    String digest() {
        MessageDigest sha = Sha256.digest();
        pixels().update(sha);
        classes.forEach(name -> sha.update((name + "\n").getBytes(StandardCharsets.UTF_8)));
        for (int label : labels) {
            sha.update(Integer.toString(label).getBytes(StandardCharsets.UTF_8));
            sha.update((byte) '\n');
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    @Override
    public void close() {
        pixels().close();
    }
}
