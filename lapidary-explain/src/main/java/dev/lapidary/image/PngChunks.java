package dev.lapidary.image;

import dev.lapidary.image.EncodedImage.Format;
import dev.lapidary.runtime.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The header of a PNG file, and the file again with the four chunks only that its colours need, their checksums verified.
 *
 * @see <a href="https://www.w3.org/TR/png-3/">Portable Network Graphics, third edition</a>
 */
final class PngChunks {
    /** The first bytes of every file. */
    static final String SIGNATURE = "\u0089PNG\r\n\u001a\n";

    private static final String XMP = "XML:com.adobe.xmp\0";
    private static final int FRAME = 12; // bytes of a chunk beside its data: length, type, checksum
    private static final int PALETTE = 3; // type of colour

    private PngChunks() {}

    static EncodedImage read(ByteScan scan) {
        long at = SIGNATURE.length();
        if (scan.u32(at) != 13 || !scan.startsWith(at + 4, "IHDR")) {
            throw scan.corrupt("no header");
        }
        int width = side(scan, scan.u32(at + 8));
        int height = side(scan, scan.u32(at + 12));
        // a palette beside other colours is a hint for old screens
        Set<String> kept =
                scan.u8(at + 17) == PALETTE ? Set.of("IHDR", "PLTE", "IDAT", "IEND") : Set.of("IHDR", "IDAT", "IEND");
        ByteArrayOutputStream out = new ByteArrayOutputStream(scan.length());
        out.write(scan.file(), 0, SIGNATURE.length());
        Orientation orientation = new Orientation();
        String type = "";
        boolean data = false;
        while (!type.equals("IEND")) {
            long length = scan.u32(at);
            scan.require(at, length + FRAME);
            type = new String(scan.file(), (int) at + 4, 4, StandardCharsets.ISO_8859_1);
            if (kept.contains(type)) {
                checkSum(scan, type, (int) at + 4, (int) length + 4);
                out.write(scan.file(), (int) at, (int) length + FRAME);
            }
            if (type.equals("eXIf")) {
                orientation.exif(scan, at + 8, length);
            } else if (type.equals("iTXt") && scan.startsWith(at + 8, XMP)) {
                orientation.xmp(scan, at + 8, length);
            }
            data |= type.equals("IDAT");
            at += length + FRAME;
        }
        if (!data) {
            throw scan.corrupt("no pixels");
        }
        return new EncodedImage(scan.name(), Format.PNG, height, width, out.toByteArray()).stored(orientation);
    }

    private static int side(ByteScan scan, long pixels) {
        if (pixels < 1 || pixels > Integer.MAX_VALUE) {
            throw new InputException(scan.name() + ": height and width must be from 1 to 2,147,483,647; got " + pixels);
        }
        return (int) pixels;
    }

    private static void checkSum(ByteScan scan, String type, int at, int length) {
        CRC32 sum = new CRC32();
        sum.update(scan.file(), at, length);
        if (sum.getValue() != scan.u32((long) at + length)) {
            throw scan.corrupt("the checksum of " + type + " is wrong");
        }
    }
}
