package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OrientationTest {
    /** Where the table of the EXIF standard has row 0 and column 0 of the stored picture, as seen. */
    private enum Side {
        TOP,
        BOTTOM,
        LEFT,
        RIGHT
    }

    /** The picture that is meant, by the standard's words. */
    private static RgbImage meant(RgbImage stored, Side firstRow, Side firstColumn) {
        boolean turned = firstRow == Side.LEFT || firstRow == Side.RIGHT;
        int height = turned ? stored.width() : stored.height();
        int width = turned ? stored.height() : stored.width();
        byte[] pixels = new byte[height * width * 3];
        for (int row = 0; row < stored.height(); row++) {
            for (int column = 0; column < stored.width(); column++) {
                int y = turned ? place(firstColumn, column, height) : place(firstRow, row, height);
                int x = turned ? place(firstRow, row, width) : place(firstColumn, column, width);
                System.arraycopy(stored.pixels(), (row * stored.width() + column) * 3, pixels, (y * width + x) * 3, 3);
            }
        }
        return new RgbImage(height, width, pixels);
    }

    private static int place(Side first, int index, int length) {
        return first == Side.TOP || first == Side.LEFT ? index : length - 1 - index;
    }

    private static void same(RgbImage image, RgbImage expected) {
        assertThat(image.height()).isEqualTo(expected.height());
        assertThat(image.width()).isEqualTo(expected.width());
        assertThat(image.pixels()).isEqualTo(expected.pixels());
    }

    @ParameterizedTest
    @CsvSource({
        "1,TOP,LEFT", "2,TOP,RIGHT", "3,BOTTOM,RIGHT", "4,BOTTOM,LEFT",
        "5,LEFT,TOP", "6,RIGHT,TOP", "7,RIGHT,BOTTOM", "8,LEFT,BOTTOM"
    })
    void allEightAreHonouredInEveryFormat(int value, Side firstRow, Side firstColumn) throws IOException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            byte[] exif = exif(value, order);
            byte[] png = GoldenImages.bytes("decode-colour.png");
            byte[] jpeg = GoldenImages.bytes("decode-444.jpg");
            byte[] webp = GoldenImages.bytes("decode-lossless.webp");
            same(decode(pngWith(png, "eXIf", exif)), meant(decode(png), firstRow, firstColumn));
            same(decode(jpegWith(jpeg, join(ascii("Exif\0\0"), exif))), meant(decode(jpeg), firstRow, firstColumn));
            same(decode(webpWith(webp, "EXIF", exif)), meant(decode(webp), firstRow, firstColumn));
            same(
                    decode(webpWith(webp, "EXIF", join(ascii("Exif\0\0"), exif))),
                    meant(decode(webp), firstRow, firstColumn));
        }
    }

    @Test
    void xmpCountsWhereThereIsNoExif() throws IOException {
        byte[] xmp = ascii("<x tiff:Orientation=\"6\"/>");
        byte[] jpeg = GoldenImages.bytes("decode-444.jpg");
        RgbImage turned = meant(decode(jpeg), Side.RIGHT, Side.TOP);
        byte[] segment = join(ascii("http://ns.adobe.com/xap/1.0/\0"), xmp);
        same(decode(jpegWith(jpeg, segment)), turned);
        same(
                decode(jpegWith(jpegWith(jpeg, segment), join(ascii("Exif\0\0"), exif(3, ByteOrder.BIG_ENDIAN)))),
                meant(decode(jpeg), Side.BOTTOM, Side.RIGHT));
        byte[] webp = GoldenImages.bytes("decode-lossless.webp");
        same(
                decode(webpWith(webp, "XMP ", ascii("<tiff:Orientation>6</tiff:Orientation>"))),
                meant(decode(webp), Side.RIGHT, Side.TOP));
        byte[] png = GoldenImages.bytes("decode-colour.png");
        same(
                decode(pngWith(png, "iTXt", join(ascii("XML:com.adobe.xmp\0\0\0\0\0"), xmp))),
                meant(decode(png), Side.RIGHT, Side.TOP));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 65535})
    void whatIsNoOrientationLeavesThePictureAsItIs(int value) throws IOException {
        byte[] png = GoldenImages.bytes("decode-colour.png");
        byte[] exif = exif(value, ByteOrder.LITTLE_ENDIAN);
        same(decode(pngWith(png, "eXIf", exif)), decode(png));
        byte[] whole = exif(6, ByteOrder.LITTLE_ENDIAN);
        for (int length = 0; length < whole.length - 4; length++) { // the next directory's place may be missing
            same(decode(pngWith(png, "eXIf", Arrays.copyOf(whole, length))), decode(png));
        }
    }

    private static RgbImage decode(byte[] file) {
        return ImageDecoder.decode("x", file);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** A directory of two entries, the second the orientation. */
    private static byte[] exif(int value, ByteOrder order) {
        ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 24 + 4).order(order);
        tiff.put(ascii(order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM"))
                .putShort((short) 42)
                .putInt(8);
        tiff.putShort((short) 2);
        tiff.putShort((short) 0x0100)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) 7)
                .putShort((short) 0);
        tiff.putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) value)
                .putShort((short) 0);
        return tiff.array();
    }

    private static byte[] jpegWith(byte[] jpeg, byte[] segment) {
        ByteBuffer head = ByteBuffer.allocate(6);
        head.putShort((short) 0xffd8).putShort((short) 0xffe1).putShort((short) (segment.length + 2));
        return join(join(head.array(), segment), Arrays.copyOfRange(jpeg, 2, jpeg.length));
    }

    private static byte[] pngWith(byte[] png, String type, byte[] data) {
        byte[] named = join(ascii(type), data);
        CRC32 sum = new CRC32();
        sum.update(named);
        byte[] chunk = join(
                join(ByteBuffer.allocate(4).putInt(data.length).array(), named),
                ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
        return join(join(Arrays.copyOf(png, 33), chunk), Arrays.copyOfRange(png, 33, png.length));
    }

    /** An extended file: canvas, the picture, then what is said of it. */
    private static byte[] webpWith(byte[] webp, String type, byte[] data) throws IOException {
        RgbImage size = decode(webp);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ascii("WEBPVP8X"));
        out.writeBytes(little(10, 4));
        out.writeBytes(new byte[] {0x0c, 0, 0, 0});
        out.writeBytes(little(size.width() - 1, 3));
        out.writeBytes(little(size.height() - 1, 3));
        out.writeBytes(Arrays.copyOfRange(webp, 12, webp.length));
        out.writeBytes(ascii(type));
        out.writeBytes(little(data.length, 4));
        out.writeBytes(Arrays.copyOf(data, data.length + data.length % 2));
        return join(join(ascii("RIFF"), little(out.size(), 4)), out.toByteArray());
    }

    private static byte[] little(int value, int bytes) {
        return Arrays.copyOf(
                ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .array(),
                bytes);
    }
}
