package dev.lapidary.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.arbitrary;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.SparseFile;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorViewTest {
    @TempDir
    Path folder;

    @Test
    void everyTypeSurvivesWritingAndReading() {
        qt().withExamples(80)
                .withFixedSeed(11)
                .forAll(
                        arbitrary().enumValues(DType.class),
                        integers().between(0, 5),
                        integers().between(1, 4),
                        longs().all())
                .checkAssert((dtype, rows, columns, seed) -> {
                    byte[] bytes = new byte[rows * columns * dtype.bytes()];
                    new Random(seed).nextBytes(bytes);
                    TensorView written = new TensorView(
                            "t", dtype, List.of((long) rows, (long) columns), MemorySegment.ofArray(bytes));
                    roundTrip(written, bytes);
                });
    }

    private void roundTrip(TensorView written, byte[] bytes) {
        Path file = folder.resolve("trip.safetensors");
        try {
            // a tensor of one byte first, so that the order of the data matters
            SafetensorsWriter.write(file, List.of(TensorView.of("b", new byte[] {9}), written), Map.of());
            try (TensorFile opened = TensorFile.open(file)) {
                TensorView read = opened.tensor("t");
                assertThat(read.dtype()).isEqualTo(written.dtype());
                assertThat(read.shape()).isEqualTo(written.shape());
                assertThat(read.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
                assertThat(read.data().address() % read.dtype().bytes()).isZero();
                assertThat(read.toDoubles()).isEqualTo(written.toDoubles());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void halfPrecisionFollowsItsFormula() {
        MemorySegment all = all16Bits();
        float[] values = new TensorView("h", DType.F16, List.of(65536L), all).toFloats();
        for (int bits = 0; bits < 65536; bits++) {
            int exponent = bits >> 10 & 31;
            int fraction = bits & 1023;
            double size = exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * Math.scalb(1.0, exponent - 25);
            size = exponent < 31 ? size : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            assertThat(values[bits]).as("bits %x", bits).isEqualTo(Float.valueOf((float)
                    (bits >> 15 == 0 ? size : -size)));
        }
    }

    @Test
    void brainFloatFollowsItsFormula() {
        MemorySegment all = all16Bits();
        float[] values = new TensorView("b", DType.BF16, List.of(65536L), all).toFloats();
        for (int bits = 0; bits < 65536; bits++) {
            int exponent = bits >> 7 & 255;
            int fraction = bits & 127;
            double size = exponent == 0 ? fraction * 0x1p-133 : (128 + fraction) * Math.scalb(1.0, exponent - 134);
            size = exponent < 255 ? size : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            assertThat(values[bits]).as("bits %x", bits).isEqualTo(Float.valueOf((float)
                    (bits >> 15 == 0 ? size : -size)));
        }
    }

    private static MemorySegment all16Bits() {
        ByteBuffer bytes = ByteBuffer.allocate(2 * 65536).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 65536; bits++) {
            bytes.putShort((short) bits);
        }
        return MemorySegment.ofArray(bytes.array());
    }

    @Test
    void copiesArraysOfEveryKind() {
        assertThat(TensorView.of("f", new float[] {1.5f, Float.NaN}, 2).toDoubles())
                .containsExactly(1.5, Double.NaN);
        assertThat(TensorView.of("d", new double[] {0.1, 1e300}, 1, 2).toFloats())
                .containsExactly(0.1f, Float.POSITIVE_INFINITY);
        assertThat(TensorView.of("l", new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2)
                        .toLongs())
                .containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
        assertThat(TensorView.of("i", new int[] {-1, Integer.MAX_VALUE}, 2).toDoubles())
                .containsExactly(-1, 2147483647.0);
        assertThat(TensorView.of("u", new byte[] {-1, 1}, 2).toFloats()).containsExactly(255f, 1f);
        assertThat(TensorView.of("scalar", new float[] {3}).count()).isEqualTo(1);
        assertThat(TensorView.of("f", new float[] {1, 2}, 2, 1)).hasToString("f F32 [2, 1]");
    }

    @Test
    void longsBecomeTheNearestFloatInOneRounding() {
        // by way of double this would round to even twice and end at 2^60
        long value = (1L << 60) + (1L << 36) + 1;
        assertThat(TensorView.of("l", new long[] {value}, 1).toFloats()).containsExactly(0x1.000002p60f);
    }

    @Test
    void floatsBecomeLongsOnlyWhereWhole() {
        assertThat(TensorView.of("f", new double[] {-3, 0x1p62, -0x1p63}, 3).toLongs())
                .containsExactly(-3, 1L << 62, Long.MIN_VALUE);
        for (double value : new double[] {1.5, Double.NaN, Double.POSITIVE_INFINITY, 0x1p63}) {
            TensorView view = TensorView.of("labels", new double[] {0, value}, 2);
            assertThatThrownBy(view::toLongs)
                    .isInstanceOf(InputException.class)
                    .hasMessage("tensor 'labels' must hold whole numbers; got " + value + " at position 1");
        }
    }

    @Test
    void dataMustFitShapeAndType() {
        assertThatThrownBy(() -> TensorView.of("f", new float[3], 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("data of f must be as long as F32 [2, 2] says; got 12 bytes");
        assertThatThrownBy(() -> TensorView.of("f", new float[1], -1, -1)).hasMessageContaining("got 4 bytes");
        assertThatThrownBy(() -> TensorView.of("f", new float[0], 1L << 62, 4)).hasMessageContaining("got 0 bytes");
    }

    @Test
    void mapsMoreThanAnArrayHolds() throws IOException {
        long count = 3_000_000_000L;
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + count + "],\"data_offsets\":[0," + count + "]}}";
        byte[] json = header.getBytes(StandardCharsets.US_ASCII);
        byte[] start = ByteBuffer.allocate(8 + json.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
        Path file = SparseFile.create(folder.resolve("large"), start.length + count, start);
        try (TensorFile opened = TensorFile.open(file)) {
            TensorView view = opened.tensor("a");
            assertThat(view.count()).isEqualTo(count);
            assertThat(view.data().get(ValueLayout.JAVA_BYTE, count - 1)).isZero();
            assertThatThrownBy(view::toFloats)
                    .isInstanceOf(InputException.class)
                    .hasMessage(
                            "tensor 'a' must have at most 2147483639 elements to be copied to an array; got " + count);
        }
    }

    @Test
    void writesSegmentsOfEveryKindInPieces() throws IOException {
        float[] values = new float[700_001]; // 2.8 MB: three pieces
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path file = folder.resolve("pieces");
        try (Arena arena = Arena.ofShared()) {
            MemorySegment shared = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            List<Long> shape = List.of((long) values.length);
            SafetensorsWriter.write(
                    file,
                    List.of(
                            new TensorView("heap", DType.F32, shape, MemorySegment.ofArray(values)),
                            new TensorView("shared", DType.F32, shape, shared)),
                    Map.of());
        }
        try (TensorFile opened = TensorFile.open(file)) {
            assertThat(opened.tensor("heap").toFloats()).isEqualTo(values);
            assertThat(opened.tensor("shared").toFloats()).isEqualTo(values);
        }
    }

    @Test
    void writerRefusesNamesThatTheFormatCannotHold() {
        TensorView a = TensorView.of("a", new float[1], 1);
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), List.of(a, a), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tensors must have distinct names; got two 'a'");
        TensorView reserved = TensorView.of("__metadata__", new float[1], 1);
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), List.of(reserved), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(folder.toFile().list()).isEmpty();
    }
}
