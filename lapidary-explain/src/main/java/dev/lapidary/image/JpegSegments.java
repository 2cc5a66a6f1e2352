package dev.lapidary.image;

import dev.lapidary.image.EncodedImage.Format;
import dev.lapidary.runtime.InputException;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The header of a JPEG file, and the file again with tables, frame and scans only.
 *
 * <p>Whether three components are RGB or YCbCr is decided by libjpeg's rule, as Pillow has it, and written so that no decoder decides
 * otherwise: a JFIF segment for YCbCr and grey, an Adobe segment for RGB.
 *
 * @see <a href="https://www.w3.org/Graphics/JPEG/itu-t81.pdf">ITU-T T.81, annex B</a>
 */
final class JpegSegments {
    private static final int TEMPORARY = 0x01;
    private static final int FRAME = 0xc0; // SOF0 to SOF15
    private static final int HUFFMAN = 0xc4;
    private static final int RESERVED = 0xc8;
    private static final int ARITHMETIC = 0xcc;
    private static final int RESTART = 0xd0; // RST0 to RST7
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int QUANTISATION = 0xdb;
    private static final int INTERVAL = 0xdd;
    private static final int APPLICATION = 0xe0;
    private static final int METADATA = 0xe1;
    private static final int ADOBE = 0xee;
    private static final int FEW_SCANS = 20; // what programs write has about ten
    private static final long MOST_SCANNED = 1_000_000_000; // some seconds
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

    private static final int[] JFIF_SEGMENT = {0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
    private static final int[] RGB_SEGMENT = {0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};

    private final ByteScan scan;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final Orientation orientation = new Orientation();
    private boolean jfif;
    private int adobeTransform = -1; // -1: no Adobe segment
    private @Nullable Frame frame;

    private JpegSegments(ByteScan scan) {
        this.scan = scan;
    }

    static EncodedImage read(ByteScan scan) {
        return new JpegSegments(scan).image();
    }

    private EncodedImage image() {
        long at = 2;
        while (true) {
            if (scan.u8(at) != 0xff) {
                throw scan.corrupt("no marker at byte " + at);
            }
            int marker = scan.u8(at + 1);
            if (marker == 0xff) { // padding
                at++;
            } else if (marker == TEMPORARY || (marker >= RESTART && marker < RESTART + 8)) {
                at += 2;
            } else if (marker == END) {
                throw scan.corrupt("it ends before its picture");
            } else if (marker == SCAN) {
                return withScans((int) at);
            } else {
                int length = scan.u16(at + 2);
                scan.require(at + 2, length);
                segment(marker, (int) at, length);
                at += 2L + length;
            }
        }
    }

    private void segment(int marker, int at, int length) {
        if (length < 2) {
            throw scan.corrupt("a segment of " + length + " bytes");
        }
        int data = at + 4;
        if (marker == APPLICATION) {
            jfif |= length >= 16 && scan.startsWith(data, "JFIF\0");
        } else if (marker == METADATA && scan.startsWith(data, "Exif\0")) {
            orientation.exif(scan, data, length - 2L);
        } else if (marker == METADATA && scan.startsWith(data, XMP)) {
            orientation.xmp(scan, data, length - 2L);
        } else if (marker == ADOBE && length >= 14 && scan.startsWith(data, "Adobe")) {
            adobeTransform = scan.u8(data + 11);
        } else if (marker == HUFFMAN || marker == QUANTISATION || marker == INTERVAL) {
            kept.write(scan.file(), at, 2 + length);
        } else if (isFrame(marker)) {
            if (frame != null) {
                throw scan.corrupt("two frames");
            }
            frame = frame(marker, data, length);
            kept.write(scan.file(), at, 2 + length);
        }
    }

    private static boolean isFrame(int marker) {
        return marker >= FRAME
                && marker < FRAME + 16
                && marker != HUFFMAN
                && marker != RESERVED
                && marker != ARITHMETIC;
    }

    private Frame frame(int marker, int data, int length) {
        int precision = scan.u8(data);
        int components = scan.u8(data + 5);
        if (marker > FRAME + 2 || precision != 8) {
            throw new InputException(scan.name() + ": a JPEG must be baseline or progressive with 8 bits; got process "
                    + (marker - FRAME) + " with " + precision + " bits");
        }
        if (components == 4) {
            throw new InputException(scan.name() + ": a JPEG must be grey or in three colours; got four (CMYK)");
        }
        if ((components != 1 && components != RgbImage.BANDS) || length < 8 + 3 * components) {
            throw scan.corrupt("a frame of " + components + " components");
        }
        boolean named =
                components == 3 && scan.u8(data + 6) == 'R' && scan.u8(data + 9) == 'G' && scan.u8(data + 12) == 'B';
        return new Frame(scan.u16(data + 1), scan.u16(data + 3), components, named);
    }

    /** Puts the kept segments and all that follows them together. */
    private EncodedImage withScans(int at) {
        if (frame == null) {
            throw scan.corrupt("a scan without a frame");
        }
        requireFewScans(frame, at);
        ByteArrayOutputStream out = new ByteArrayOutputStream(scan.length());
        out.write(0xff);
        out.write(0xd8);
        for (int value : rgb(frame) ? RGB_SEGMENT : JFIF_SEGMENT) {
            out.write(value);
        }
        out.writeBytes(kept.toByteArray());
        out.write(scan.file(), at, scan.length() - at);
        return new EncodedImage(scan.name(), Format.JPEG, frame.height, frame.width, out.toByteArray())
                .stored(orientation);
    }

    /** Each scan of a progressive file goes over all pixels, and may take a few bytes only. */
    private void requireFewScans(Frame of, int from) {
        int scans = 0;
        for (int at = from; at + 1 < scan.length(); at++) { // in a scan's data a 0 follows each 0xff
            scans += scan.file()[at] == (byte) 0xff && scan.file()[at + 1] == (byte) SCAN ? 1 : 0;
        }
        long pixels = (long) of.height * of.width;
        if (scans > FEW_SCANS && scans * pixels > MOST_SCANNED) {
            throw new InputException(
                    scan.name() + ": a JPEG must have at most " + FEW_SCANS + " scans, or scans of at most "
                            + MOST_SCANNED + " pixels together; got " + scans + " of " + pixels);
        }
    }

    private boolean rgb(Frame of) {
        if (of.components != RgbImage.BANDS || jfif) {
            return false;
        }
        return adobeTransform >= 0 ? adobeTransform == 0 : of.named;
    }

    /** The size, the number of components, and whether they are named R, G and B. */
    private record Frame(int height, int width, int components, boolean named) {}
}
