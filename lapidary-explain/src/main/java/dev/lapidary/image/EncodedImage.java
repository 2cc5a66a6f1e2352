package dev.lapidary.image;

import dev.lapidary.runtime.InputException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A picture that is not decoded yet: its header is checked, and what a decoder might apply but must not (colour profiles, gamma,
 * transparency, comments) is cut away. Its orientation is read.
 */
final class EncodedImage {
    /** The most pixels of a picture; more are refused before anything is decoded. */
    static final long LARGEST_PIXELS = 100_000_000;

    /** Bytes that tell the format. */
    static final int MAGIC = 12;

    private static final int SHOWN = 8; // bytes of an unknown file

    /** What can be read. */
    enum Format {
        JPEG,
        PNG,
        WEBP
    }

    private final String name;
    private final Format format;
    private final int height;
    private final int width;
    private final byte[] bytes;
    private final int orientation;

    /**
     * Checks the size.
     *
     * @param name for messages
     * @param height from the header, pixels
     * @param width from the header, pixels
     * @param bytes a file of the same format with the same pixels
     */
    EncodedImage(String name, Format format, int height, int width, byte[] bytes) {
        this(name, format, height, width, bytes, Orientation.UPRIGHT);
    }

    private EncodedImage(String name, Format format, int height, int width, byte[] bytes, int orientation) {
        if (height < 1 || width < 1) {
            throw new InputException(name + ": height and width must be at least 1; got " + width + " x " + height);
        }
        if ((long) height * width > LARGEST_PIXELS) {
            throw new InputException(String.format(
                    "%s: width x height must be at most %,d pixels; got %d x %d", name, LARGEST_PIXELS, width, height));
        }
        this.name = name;
        this.format = format;
        this.height = height;
        this.width = width;
        this.bytes = bytes;
        this.orientation = orientation;
    }

    /** Reads the header. */
    static EncodedImage of(String name, byte[] file) {
        ByteScan scan = new ByteScan(name, file);
        if (file.length == 0) {
            throw new InputException(name + ": must be a JPEG, PNG or WebP file; got an empty file");
        }
        Optional<Format> format = formatOf(scan);
        if (format.isPresent()) {
            return switch (format.get()) {
                case JPEG -> JpegSegments.read(scan);
                case PNG -> PngChunks.read(scan);
                case WEBP -> WebpChunks.read(scan);
            };
        }
        byte[] first = Arrays.copyOf(file, Math.min(SHOWN, file.length));
        throw new InputException(name + ": must be a JPEG, PNG or WebP file; got one that begins with '"
                + new String(first, StandardCharsets.ISO_8859_1) + "'");
    }

    /** Whether bytes begin as those of a picture do; {@value #MAGIC} bytes suffice. */
    static boolean begins(byte[] file) {
        return formatOf(new ByteScan("", file)).isPresent();
    }

    private static Optional<Format> formatOf(ByteScan scan) {
        if (scan.startsWith(0, "\u00ff\u00d8\u00ff")) {
            return Optional.of(Format.JPEG);
        }
        if (scan.startsWith(0, PngChunks.SIGNATURE)) {
            return Optional.of(Format.PNG);
        }
        return scan.startsWith(0, "RIFF") && scan.startsWith(8, "WEBP") ? Optional.of(Format.WEBP) : Optional.empty();
    }

    String name() {
        return name;
    }

    Format format() {
        return format;
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    byte[] bytes() {
        return bytes;
    }

    /** The same with its rows stored so, 1 to 8, see {@link Orientation}. */
    EncodedImage stored(Orientation found) {
        return new EncodedImage(name, format, height, width, bytes, found.value());
    }

    /** How its rows are stored, 1 to 8. */
    int orientation() {
        return orientation;
    }

    /** Pixels that decoding makes. */
    long pixels() {
        return (long) height * width;
    }
}
