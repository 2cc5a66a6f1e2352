package dev.lapidary.image;

import dev.lapidary.image.EncodedImage.Format;
import dev.lapidary.runtime.InputException;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The header of a WebP file, and the file again as a simple one: its picture alone, without transparency, profile or EXIF.
 *
 * @see <a href="https://developers.google.com/speed/webp/docs/riff_container">WebP container specification</a>
 */
final class WebpChunks {
    private static final int CONTAINER = 12; // bytes of RIFF, size and WEBP
    private static final int CHUNK = 8; // bytes of type and size

    /** Where the picture's data begin in a file that this class wrote. */
    static final int DATA = CONTAINER + CHUNK;

    private static final int LOSSY_HEADER = 10;
    private static final int LOSSLESS_HEADER = 5;
    private static final int EXTENDED_HEADER = 10;
    private static final int ANIMATED = 0x02; // flag of an extended file
    private static final int SIDE = 0x3fff; // 14 bits

    private WebpChunks() {}

    static EncodedImage read(ByteScan scan) {
        long end = CHUNK + scan.little32(4);
        scan.require(0, end);
        int canvasWidth = 0;
        int canvasHeight = 0;
        Orientation orientation = new Orientation();
        @Nullable EncodedImage found = null;
        long at = CONTAINER;
        while (at + CHUNK <= end) {
            long data = at + CHUNK;
            long length = scan.little32(at + 4);
            if (found != null && data + length > end) {
                break; // what follows the picture is a help only
            }
            scan.require(data, length);
            if (scan.startsWith(at, "EXIF")) {
                orientation.exif(scan, data, length);
            } else if (scan.startsWith(at, "XMP ")) {
                orientation.xmp(scan, data, length);
            } else if (found != null) {
                at = data + length + (length & 1);
                continue;
            } else if (scan.startsWith(at, "VP8X")) {
                requireLength(scan, length, EXTENDED_HEADER);
                requireStill(scan, data);
                canvasWidth = scan.little24(data + 4) + 1;
                canvasHeight = scan.little24(data + 7) + 1;
            } else if (scan.startsWith(at, "VP8 ") || scan.startsWith(at, "VP8L")) {
                EncodedImage image = picture(scan, (int) at, length);
                if (canvasWidth > 0 && (canvasWidth != image.width() || canvasHeight != image.height())) {
                    throw scan.corrupt("a picture of another size than its canvas");
                }
                found = image;
            }
            at = data + length + (length & 1);
        }
        if (found == null) {
            throw scan.corrupt("no picture");
        }
        return found.stored(orientation);
    }

    /** Whether the first chunk of a file that this class wrote is a lossless picture. */
    static boolean lossless(byte[] file) {
        return new ByteScan("", file).startsWith(CONTAINER, "VP8L");
    }

    private static void requireStill(ByteScan scan, long data) {
        if ((scan.u8(data) & ANIMATED) != 0) {
            throw new InputException(scan.name() + ": a WebP file must be one picture; got an animation");
        }
    }

    private static EncodedImage picture(ByteScan scan, int at, long length) {
        int data = at + CHUNK;
        if (scan.startsWith(at, "VP8L")) {
            requireLength(scan, length, LOSSLESS_HEADER);
            long sides = scan.little32(data + 1L);
            if (scan.u8(data) != 0x2f) {
                throw scan.corrupt("no signature of a lossless picture");
            }
            return image(scan, at, length, (int) (sides >> 14 & SIDE) + 1, (int) (sides & SIDE) + 1);
        }
        requireLength(scan, length, LOSSY_HEADER);
        if ((scan.u8(data) & 1) != 0 || !scan.startsWith(data + 3L, "\u009d\u0001*")) {
            throw scan.corrupt("no key frame");
        }
        requirePartitions(scan, data, length);
        return image(scan, at, length, scan.little16(data + 8L) & SIDE, scan.little16(data + 6L) & SIDE);
    }

    /** The first partition's length stands in the 19 upper bits of the frame's tag. */
    private static void requirePartitions(ByteScan scan, int data, long length) {
        int first = scan.little24(data) >> 5;
        if (LOSSY_HEADER + (long) first > length) {
            throw scan.corrupt("a first partition of " + first + " bytes in a picture of " + length);
        }
    }

    private static void requireLength(ByteScan scan, long length, int least) {
        if (length < least) {
            throw scan.corrupt("a chunk of " + length + " bytes");
        }
    }

    private static EncodedImage image(ByteScan scan, int at, long length, int height, int width) {
        int padded = (int) (length + (length & 1));
        ByteArrayOutputStream out = new ByteArrayOutputStream(CONTAINER + CHUNK + padded);
        out.write(scan.file(), 0, 4);
        int size = 4 + CHUNK + padded;
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(size >>> shift);
        }
        out.write(scan.file(), 8, 4);
        out.write(scan.file(), at, CHUNK + (int) length);
        if (padded > length) {
            out.write(0);
        }
        return new EncodedImage(scan.name(), Format.WEBP, height, width, out.toByteArray());
    }
}
