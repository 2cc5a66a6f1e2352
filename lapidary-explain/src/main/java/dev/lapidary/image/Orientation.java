package dev.lapidary.image;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the stored rows of a picture lie in the picture that is meant: the EXIF tag Orientation, 1 to 8. Phones store pictures as their
 * sensors see them, and this beside them.
 *
 * <p>What is malformed counts as 1, upright. Where there is no EXIF tag, that of XMP counts, as Pillow's {@code exif_transpose} has it.
 *
 * @see <a href="https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E">EXIF 3.0, section 4.6.5</a>
 */
final class Orientation {
    static final int UPRIGHT = 1;

    private static final int LAST = 8;
    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int ENTRY = 12; // bytes of an entry
    private static final String EXIF = "Exif\0\0";
    private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=[\"']|>)\\s*([1-8])");

    private int exif;
    private int xmp;

    /** Takes the inside of an EXIF segment or chunk, with or without the letters Exif in front; the first one counts. */
    void exif(ByteScan scan, long at, long length) {
        if (exif == 0) {
            long begin = scan.startsWith(at, EXIF) ? at + EXIF.length() : at;
            exif = tag(scan, begin, at + length);
        }
    }

    /** Takes the inside of an XMP packet. */
    void xmp(ByteScan scan, long at, long length) {
        if (xmp == 0) {
            String text = new String(scan.file(), (int) at, (int) length, StandardCharsets.ISO_8859_1);
            Matcher found = XMP.matcher(text);
            xmp = found.find() ? Integer.parseInt(found.group(1)) : 0;
        }
    }

    /** The value found, 1 to 8. */
    int value() {
        return exif > 0 ? exif : xmp > 0 ? xmp : UPRIGHT;
    }

    /** The tag in the first directory of a TIFF structure; 0 where there is none. */
    private static int tag(ByteScan scan, long tiff, long end) {
        boolean little = scan.startsWith(tiff, "II*\0");
        if ((!little && !scan.startsWith(tiff, "MM\0*")) || tiff + 8 > end) {
            return 0;
        }
        long directory = tiff + u32(scan, tiff + 4, little);
        if (directory + 2 > end) {
            return 0;
        }
        int entries = u16(scan, directory, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + (long) i * ENTRY;
            if (entry + ENTRY > end) {
                return 0;
            }
            if (u16(scan, entry, little) == TAG) {
                int type = u16(scan, entry + 2, little);
                long value =
                        type == SHORT ? u16(scan, entry + 8, little) : type == LONG ? u32(scan, entry + 8, little) : 0;
                return value >= UPRIGHT && value <= LAST ? (int) value : 0;
            }
        }
        return 0;
    }

    private static int u16(ByteScan scan, long at, boolean little) {
        return little ? scan.little16(at) : scan.u16(at);
    }

    private static long u32(ByteScan scan, long at, boolean little) {
        return little ? scan.little32(at) : scan.u32(at);
    }

    /** The picture that is meant; 5 to 8 exchange height and width. */
    static RgbImage apply(RgbImage stored, int orientation) {
        if (orientation == UPRIGHT) {
            return stored;
        }
        boolean turned = orientation > 4;
        int height = turned ? stored.width() : stored.height();
        int width = turned ? stored.height() : stored.width();
        byte[] from = stored.pixels();
        byte[] to = new byte[from.length];
        int right = stored.width() - 1;
        int bottom = stored.height() - 1;
        int at = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column = turned ? y : x;
                int row = turned ? x : y;
                boolean mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
                boolean upsideDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
                int pixel = ((upsideDown ? bottom - row : row) * stored.width() + (mirrored ? right - column : column))
                        * RgbImage.BANDS;
                to[at++] = from[pixel];
                to[at++] = from[pixel + 1];
                to[at++] = from[pixel + 2];
            }
        }
        return new RgbImage(height, width, to);
    }
}
