package dev.lapidary.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.ByteArrayOutputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static final int HEADER_END = 33; // of PNG: signature, IHDR and its checksum

    /** Lossy WebP has half of the colour's resolution: libwebp interpolates it, the decoder here repeats it. */
    private static final Set<String> LOSSY = Set.of("lossy.webp", "alpha.webp");

    @Test
    void everyKindBecomesPillowsRgb() throws Exception {
        Map<String, RgbImage> golden = GoldenImages.images("decode.npz");
        List<String> different = new ArrayList<>();
        for (Map.Entry<String, RgbImage> entry : golden.entrySet()) {
            RgbImage image = ImageDecoder.decode(entry.getKey(), GoldenImages.bytes("decode-" + entry.getKey()));
            // stored with orientation 6, and the golden picture is as it is stored
            RgbImage expected =
                    entry.getKey().equals("turned.jpg") ? Orientation.apply(entry.getValue(), 6) : entry.getValue();
            IntSummaryStatistics differences = differences(image, expected);
            boolean near = LOSSY.contains(entry.getKey()) && differences.getMax() <= 16 && differences.getAverage() < 3;
            if (differences.getMax() > 0 && !near) {
                different.add(entry.getKey() + ": " + differences);
            }
        }
        assertThat(golden).hasSize(24);
        assertThat(different).isEmpty();
    }

    private static IntSummaryStatistics differences(RgbImage one, RgbImage other) {
        assertThat(one.height()).isEqualTo(other.height());
        assertThat(one.width()).isEqualTo(other.width());
        return IntStream.range(0, one.pixels().length)
                .map(i -> Math.abs((one.pixels()[i] & 0xff) - (other.pixels()[i] & 0xff)))
                .summaryStatistics();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "decode-colour.png",
                "decode-palette.png",
                "decode-grey.jpg",
                "decode-420.jpg",
                "decode-progressive.jpg",
                "decode-lossy.webp",
                "decode-lossless.webp",
                "decode-alpha.webp"
            })
    void everyFileThatIsCutOffIsRefused(String file) throws Exception {
        byte[] whole = GoldenImages.bytes(file);
        int step = Math.max(1, whole.length / 40);
        for (int length = 1; length < whole.length; length += step) {
            refused(Arrays.copyOf(whole, length));
        }
        refused(Arrays.copyOf(whole, whole.length - 3)).hasMessageContaining("must be a whole image");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "decode-colour.png",
                "decode-420.jpg",
                "decode-progressive.jpg",
                "decode-lossy.webp",
                "decode-lossless.webp"
            })
    void noByteChangedEndsInAnythingButAnImageOrOneLine(String file) throws Exception {
        byte[] whole = GoldenImages.bytes(file);
        int step = Math.max(1, whole.length / 150);
        for (int at = 0; at < whole.length; at += step) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x5a;
            try {
                assertThat(ImageDecoder.decode("x", changed).height()).isPositive();
            } catch (InputException e) {
                assertThat(e).hasMessageStartingWith("x: ").hasMessageContaining("got");
            }
        }
    }

    @Test
    void aLosslessWebpWhoseDataEndBeforeItsPictureIsRefused() throws Exception {
        byte[] whole = GoldenImages.bytes("decode-lossless.webp");
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
        for (int left = 5; left < length; left += left < length - 20 ? 7 : 1) {
            refused(webp(whole, left)).hasMessageContaining("must be a whole image");
        }
        assertThat(ImageDecoder.decode("x", webp(whole, length)).pixels())
                .isEqualTo(ImageDecoder.decode("x", whole).pixels());
    }

    /** libwebp codes transparent black as a place behind the end of the palette; the picture was made by the formula below. */
    @Test
    void placesBehindThePaletteOfALosslessWebpAreBlack() {
        byte[] file = HexFormat.of()
                .parseHex(
                        "524946464e000000574542505650384c410000002f0100021087402660b1d13fb3530582499a6affbf3c1402088082462180"
                                + "002868082669aaed98ee777cdf3d14b66da4868ef91e22fa1f1f9058d43cb27af6dc0700");
        RgbImage image = ImageDecoder.decode("x", file);
        assertThat(List.of(image.width(), image.height())).containsExactly(2, 9);
        byte[] expected = new byte[image.pixels().length];
        for (int i = 0; i < expected.length; i++) {
            int x = i / 3 % 2;
            int y = i / 6;
            expected[i] = (byte) (3 * x + y * (1 + i % 3));
        }
        assertThat(image.pixels()).isEqualTo(expected);
    }

    @Test
    void aLosslessWebpHearsThatItsThreadIsInterrupted() throws Exception {
        byte[] whole = GoldenImages.bytes("decode-lossless.webp");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> ImageDecoder.decode("x", whole)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aLossyWebpWhoseDataEndBeforeItsPictureIsRefused() throws Exception {
        byte[] whole = GoldenImages.bytes("decode-lossy.webp");
        int length = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
        for (int left = 10; left < length - 3; left += 7) {
            refused(webp(whole, left)).hasMessageContaining("must be a whole image");
        }
    }

    /** So many bytes of a picture, in a file that says so. */
    private static byte[] webp(byte[] whole, int length) {
        byte[] file = Arrays.copyOf(Arrays.copyOf(whole, 20 + length), 20 + length + length % 2);
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, file.length - 8)
                .putInt(16, length);
        return file;
    }

    @Test
    void anInterruptedThreadStopsDecoding() throws Exception {
        GuardedStream stream = new GuardedStream(new byte[10_000]);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        stream.readByte();
                    }
                })
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aPictureBeyondTheHeapIsRefusedFromItsHeader() throws Exception {
        EncodedImage image = EncodedImage.of("x", GoldenImages.bytes("decode-colour.png"));
        long needed = image.pixels() * PixelBudget.PIXEL;
        ImageDecoder.requireMemory(image, needed, needed);
        assertThatThrownBy(() -> ImageDecoder.requireMemory(image, needed - 1, needed - 1))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("x: must fit in the Java heap");
    }

    @Test
    void aJpegOfManyScansOfManyPixelsIsRefused() throws Exception {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(new byte[] {(byte) 0xff, (byte) 0xd8});
        many.write(
                new byte[] {(byte) 0xff, (byte) 0xc2, 0, 11, 8, 0x20, 0, 0x20, 0, 1, 1, 0x11, 0}); // 8192 x 8192, grey
        byte[] scan = {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 1, 1, 0, 0};
        for (int i = 0; i < 21; i++) {
            many.write(scan);
        }
        assertThatThrownBy(() -> ImageDecoder.decode("many.jpg", many.toByteArray()))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "many.jpg: a JPEG must have at most 20 scans, or scans of at most 1000000000 pixels together;"
                                + " got 21 of 67108864");
    }

    @Test
    void pngWithTooFewPixelsIsRefused() throws Exception {
        byte[] png = GoldenImages.bytes("decode-colour.png");
        png[23]++; // one row more than there is
        seal(png);

        refused(png).hasMessageContaining("corrupt");
    }

    @Test
    void pngWithAWrongChecksumIsRefused() throws Exception {
        byte[] png = GoldenImages.bytes("decode-colour.png");
        png[50]++;

        refused(png).hasMessageContaining("the checksum of IDAT is wrong");
    }

    @Test
    void tooManyPixelsAreRefusedFromTheHeader() throws Exception {
        byte[] png = GoldenImages.bytes("decode-colour.png");
        big(png, 16);
        big(png, 20);
        seal(png);
        refused(png).hasMessage("x: width x height must be at most 100,000,000 pixels; got 30000 x 30000");

        byte[] jpeg = GoldenImages.bytes("decode-420.jpg");
        int frame = indexOf(jpeg, 0xff, 0xc0);
        big16(jpeg, frame + 5);
        big16(jpeg, frame + 7);
        refused(jpeg).hasMessageEndingWith("got 30000 x 30000");

        byte[] webp = GoldenImages.bytes("decode-lossy.webp");
        webp[26] = (byte) 0xff;
        webp[27] = 0x3f;
        webp[28] = (byte) 0xff;
        webp[29] = 0x3f;
        refused(webp).hasMessageEndingWith("got 16383 x 16383");
    }

    @Test
    void sizeOfNothingIsRefused() throws Exception {
        byte[] jpeg = GoldenImages.bytes("decode-420.jpg");
        int frame = indexOf(jpeg, 0xff, 0xc0);
        jpeg[frame + 5] = 0;
        jpeg[frame + 6] = 0;

        refused(jpeg).hasMessageContaining("must be at least 1");
    }

    @Test
    void otherFilesAreRefusedWhateverTheirName() {
        refused(new byte[0]).hasMessage("x: must be a JPEG, PNG or WebP file; got an empty file");
        refused("hello, world".getBytes(StandardCharsets.UTF_8))
                .hasMessage("x: must be a JPEG, PNG or WebP file; got one that begins with 'hello, w'");
        refused(new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff}).hasMessageContaining("cut off after 3 bytes");
    }

    @Test
    void fourColoursAndAnimationsAreRefused() throws Exception {
        refused(GoldenImages.bytes("refused-cmyk.jpg")).hasMessageEndingWith("got four (CMYK)");
        refused(GoldenImages.bytes("refused-animated.webp")).hasMessageEndingWith("got an animation");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] file) {
        return assertThatThrownBy(() -> ImageDecoder.decode("x", file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("x: ");
    }

    /** Makes the checksum of a PNG's header right again. */
    private static void seal(byte[] png) {
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        for (int i = 0; i < 4; i++) {
            png[HEADER_END - 4 + i] = (byte) (sum.getValue() >> (24 - 8 * i));
        }
    }

    private static void big(byte[] file, int at) {
        file[at] = 0;
        file[at + 1] = 0;
        big16(file, at + 2);
    }

    private static void big16(byte[] file, int at) {
        file[at] = (byte) (30_000 >> 8);
        file[at + 1] = (byte) 30_000;
    }

    private static int indexOf(byte[] file, int first, int second) {
        int at = 0;
        while ((file[at] & 0xff) != first || (file[at + 1] & 0xff) != second) {
            at++;
        }
        return at;
    }
}
