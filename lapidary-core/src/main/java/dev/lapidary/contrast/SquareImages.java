package dev.lapidary.contrast;

import dev.lapidary.encode.TrainingImages;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageReport;
import dev.lapidary.image.RgbImage;
import dev.lapidary.image.SquareCrop;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.MemoryLimit;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Images read into memory as squares of one side.
 *
 * @param pixels which the caller closes
 * @param report what was read and what was skipped
 * @param files what tells the images again
 */
record SquareImages(Pixels pixels, ImageReport report, TrainingImages files) {
    private record Read(RgbImage square, long digest) {}

    private static final int BATCH = 256; // images handed over at once

    /**
     * Reads all images.
     *
     * @param side to which images are resized and cropped, in pixels
     * @param each is told every image that was read, in order
     * @throws InputException where they do not fit into memory
     */
    static SquareImages read(ImageItems images, int side, Progress progress, Consumer<ImageItem> each) {
        int most = images.items().size();
        long bytes = most * Pixels.imageBytes(side);
        if (bytes > MemoryLimit.available() / 2) {
            throw new InputException(most + " images of " + side + " x " + side
                    + " pixels must fit into half of the free memory; got " + (bytes >> 20) + " MiB");
        }
        Pixels pixels = new Pixels(most, side);
        LongStream.Builder digests = LongStream.builder();
        try (Progress.Task task = progress.start("Reading images", most)) {
            ImageReport report = images.readFiles(
                    BATCH,
                    (file, picture) -> new Read(SquareCrop.of(picture.get(), side), TrainingImages.digest(file)),
                    read -> {
                        for (var one : read) {
                            pixels.add(one.value().square());
                            digests.add(one.value().digest());
                            each.accept(one.item());
                        }
                        task.advance(read.size());
                    },
                    () -> task.advance(0));
            return new SquareImages(
                    pixels, report, TrainingImages.of(digests.build().toArray()));
        } catch (RuntimeException | Error e) {
            pixels.close();
            throw e;
        }
    }
}
