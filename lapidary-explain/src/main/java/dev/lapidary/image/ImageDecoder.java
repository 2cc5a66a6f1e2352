package dev.lapidary.image;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import dev.lapidary.image.EncodedImage.Format;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.MemoryLimit;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG, PNG and WebP files into the RGB bytes that Pillow's {@code convert("RGB")} makes of them.
 *
 * <p>The kind of a file is told by its first bytes, never by its name. Transparency is dropped without blending; grey and palettes
 * become RGB; of 16 bits a colour the upper 8 stay, but grey of 16 bits without transparency is cut at 255, as Pillow does. The
 * EXIF orientation is applied, as the loading of transformers does before its preprocessing; colour profiles and gamma are not. CMYK,
 * JPEG of 12 bits and animated WebP are refused.
 *
 * <p>Lossless WebP is decoded here ({@link LosslessWebp}): the decoder that reads lossy ones takes the end of the data for data, and
 * transparent black behind the end of a palette for the palette's last colour.
 *
 * <p>Of lossy WebP the bytes are near Pillow's, not the same: the decoder here does not interpolate the colour planes, which have
 * half of the resolution, so colours differ where they change.
 */
public final class ImageDecoder {
    private ImageDecoder() {}

    /**
     * Decodes one file.
     *
     * @param name what messages begin with, such as a path
     * @param file the whole file
     * @throws InputException where it is no image of these kinds, is cut off or corrupt, or has more than 100 million pixels or more
     *     than fit into the heap, which is read from the header before anything is decoded
     */
    public static RgbImage decode(String name, byte[] file) {
        return decode(EncodedImage.of(name, file));
    }

    static RgbImage decode(EncodedImage image) {
        requireMemory(image);
        if (image.format() == Format.WEBP && WebpChunks.lossless(image.bytes())) {
            return Orientation.apply(LosslessWebp.decode(image), image.orientation());
        }
        try {
            BufferedImage pixels = read(image);
            if (pixels.getHeight() != image.height() || pixels.getWidth() != image.width()) {
                throw new InputException(image.name() + ": must be a whole image; got " + pixels.getWidth() + " x "
                        + pixels.getHeight() + " pixels where the header says " + image.width() + " x "
                        + image.height());
            }
            return Orientation.apply(PixelRows.rgb(pixels), image.orientation());
        } catch (InputException e) {
            throw e;
        } catch (InterruptedIOException e) {
            Thread.currentThread().interrupt();
            CancellationException stopped = new CancellationException("the reading of images was stopped");
            stopped.initCause(e);
            throw stopped;
        } catch (IOException | RuntimeException e) {
            // decoders answer corrupt files with many kinds of exception
            throw corrupt(image, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
        }
    }

    private static void requireMemory(EncodedImage image) {
        long free = MemoryLimit.freeHeap();
        if (image.pixels() * PixelBudget.PIXEL > free) {
            System.gc(); // garbage does not count, and nobody knows how much of it there is
        }
        requireMemory(image, free, MemoryLimit.freeHeap());
    }

    /** Checks that decoding fits into the free part of the heap, before or after a collection. */
    static void requireMemory(EncodedImage image, long before, long after) {
        MemoryLimit.require(image.name(), image.pixels() * PixelBudget.PIXEL, Math.max(before, after), "the Java heap");
    }

    private static BufferedImage read(EncodedImage image) throws IOException {
        ImageReader reader = reader(image.format());
        List<String> warnings = new ArrayList<>();
        try (ImageInputStream in = new GuardedStream(image.bytes())) {
            reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
            reader.setInput(in, true, true);
            BufferedImage pixels = reader.read(0);
            if (!warnings.isEmpty()) { // a JPEG that is cut off decodes, with a warning and grey below
                throw corrupt(image, warnings.getFirst(), null);
            }
            return pixels;
        } finally {
            reader.dispose();
        }
    }

    private static InputException corrupt(EncodedImage image, String what, @Nullable Exception cause) {
        String line = image.name() + ": must be a whole image; got a corrupt " + image.format() + " (" + what + ")";
        return cause == null ? new InputException(line) : new InputException(line, cause);
    }

    /** Made directly, so that WebP needs no search of the class path for plug-ins. */
    private static ImageReader reader(Format format) throws IOException {
        if (format == Format.WEBP) {
            return new WebPImageReaderSpi().createReaderInstance(null);
        }
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
        if (!readers.hasNext()) {
            throw new IllegalStateException(
                    "the Java runtime must read " + format + " (module java.desktop); got no reader");
        }
        return readers.next();
    }
}
