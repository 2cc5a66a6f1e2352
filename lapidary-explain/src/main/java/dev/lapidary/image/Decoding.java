package dev.lapidary.image;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Workers;
import java.util.function.Supplier;

/** Decodes one file when it is asked to, and gives its share of the memory back when it is closed. */
final class Decoding implements Supplier<RgbImage>, AutoCloseable {
    private final String name;
    private final byte[] file;
    private final PixelBudget budget;
    private int acquired;

    Decoding(String name, byte[] file, PixelBudget budget) {
        this.name = name;
        this.file = file;
        this.budget = budget;
    }

    /**
     * The picture.
     *
     * @throws InputException where the file is none
     */
    @Override
    public RgbImage get() {
        EncodedImage image = EncodedImage.of(name, file);
        try {
            acquired += budget.acquire(image.pixels());
        } catch (InterruptedException interruption) {
            throw Workers.interrupted("reading of images", interruption);
        }
        return ImageDecoder.decode(image);
    }

    @Override
    public void close() {
        budget.release(acquired);
    }
}
