package dev.lapidary.runtime.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.floats;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.strings;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.Shapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufWriterTest {
    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void path() {
        path = folder.resolve("a.gguf");
    }

    @Test
    void metadataComesBackAsItWas() throws IOException {
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        for (GgufKind kind : List.of(GgufKind.UINT8, GgufKind.INT8, GgufKind.UINT16, GgufKind.INT16, GgufKind.UINT32)) {
            metadata.put("whole " + kind, new GgufValue.Whole(kind, 100));
        }
        metadata.put("negative", new GgufValue.Whole(GgufKind.INT32, -7));
        metadata.put("long", new GgufValue.Whole(GgufKind.INT64, Long.MIN_VALUE));
        metadata.put("size", new GgufValue.Whole(GgufKind.UINT64, Long.MAX_VALUE));
        metadata.put("float", GgufValue.number(0.1f));
        metadata.put("double", new GgufValue.Number(GgufKind.FLOAT64, 0.1));
        metadata.put("truth", new GgufValue.Truth(true));
        metadata.put("texts", GgufValue.texts(List.of("", "ü🙂", "x".repeat(3_000_000))));
        metadata.put("nested", new GgufValue.Items(GgufKind.ARRAY, List.of(GgufValue.integers(List.of(1, -2)))));
        metadata.put("numbers", GgufValue.numbers(List.of(0.5, -1.0)));
        GgufWriter.write(path, metadata, List.of());
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.metadata().values()).isEqualTo(metadata);
        }
    }

    @Test
    void anyTextsAndNumbersComeBack() {
        qt().withExamples(50)
                .forAll(
                        lists().of(strings().basicMultilingualPlaneAlphabet().ofLengthBetween(0, 9))
                                .ofSizeBetween(0, 9),
                        lists().of(floats().any()).ofSizeBetween(1, 70))
                .check((texts, numbers) -> {
                    List<String> clean = texts.stream()
                            .map(t -> t.replaceAll("[\\ud800-\\udfff]", ""))
                            .toList();
                    List<Float> finite = numbers.stream()
                            .map(n -> Float.isFinite(n) ? n : 1f)
                            .toList();
                    return comesBack(clean, finite);
                });
    }

    private boolean comesBack(List<String> texts, List<Float> numbers) {
        SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();
        metadata.put("texts", GgufValue.texts(texts));
        try {
            GgufWriter.write(
                    path,
                    metadata,
                    List.of(
                            entry("first", GgufType.F32, numbers, 1, numbers.size()),
                            entry("second", GgufType.F32, numbers, numbers.size(), 1)));
            try (GgufFile file = GgufFile.open(path)) {
                return file.metadata().texts("texts").equals(texts)
                        && equal(file.tensor("first"), numbers)
                        && equal(file.tensor("second"), numbers);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean equal(GgufTensor tensor, List<Float> numbers) {
        float[] read = tensor.toFloats();
        for (int i = 0; i < read.length; i++) {
            if (Float.floatToIntBits(read[i]) != Float.floatToIntBits(numbers.get(i))) {
                return false;
            }
        }
        return read.length == numbers.size();
    }

    private static GgufWriter.Entry entry(String name, GgufType type, List<Float> numbers, long... shape) {
        int columns = (int) shape[shape.length - 1];
        return new GgufWriter.Entry(name, type, Shapes.list(shape), (row, out) -> {
            for (int i = 0; i < columns; i++) {
                out[i] = numbers.get((int) row * columns + i);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = "Q4_0", mode = EnumSource.Mode.EXCLUDE)
    void numbersComeBackToWithinTheTypesStep(GgufType type) {
        double relative = switch (type) {
            case F32 -> 0;
            case F16 -> 0x1p-11;
            default -> 0x1p-8;
        };
        qt().withExamples(50)
                .forAll(lists().of(floats().between(-100, 100)).ofSize(64))
                .checkAssert(numbers -> {
                    try {
                        GgufWriter.write(path, new LinkedHashMap<>(), List.of(entry("t", type, numbers, 2, 32)));
                        try (GgufFile file = GgufFile.open(path)) {
                            float[] read = file.tensor("t").toFloats();
                            double step = type == GgufType.Q8_0 ? 100 / 127.0 * 0.502 : 1e-7;
                            for (int i = 0; i < read.length; i++) {
                                double error = Math.abs((double) read[i] - numbers.get(i));
                                assertThat(error).isLessThanOrEqualTo(Math.abs(numbers.get(i)) * relative + step);
                            }
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @Test
    void aBlockOfBytesIsByItsDefinition() throws IOException {
        float[] values = new float[32];
        values[0] = 127;
        values[1] = -127;
        values[2] = 0.5f; // half a step away from zero rounds to one
        values[3] = -0.5f;
        values[4] = 0.49f;
        GgufWriter.write(
                path,
                new LinkedHashMap<>(),
                List.of(new GgufWriter.Entry(
                        "t", GgufType.Q8_0, List.of(32L), (row, out) -> System.arraycopy(values, 0, out, 0, 32))));
        try (GgufFile file = GgufFile.open(path)) {
            assertThat(file.tensor("t").toFloats())
                    .startsWith(127, -127, 1, -1, 0)
                    .endsWith(0, 0);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsLeft() throws IOException {
        refused(entry("t", GgufType.F32, List.of(1f, Float.NaN), 1, 2), "'t' must have numbers that fit F32");
        refused(
                entry("t", GgufType.F16, List.of(1f, 70_000f), 2, 1),
                "fit F16; got one that does not in row 1 from column 0");
        refused(entry("t", GgufType.BF16, List.of(Float.MAX_VALUE), 1), "fit BF16");
        refused(entry("t", GgufType.Q8_0, java.util.Collections.nCopies(32, 1e9f), 32), "fit Q8_0");
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> entry("t", GgufType.Q8_0, List.of(), 33))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rows of whole blocks of 32; got [33]");
        assertThatThrownBy(() -> entry("t", GgufType.Q4_0, List.of(), 32)).hasMessageContaining("got Q4_0");
    }

    private void refused(GgufWriter.Entry entry, String message) {
        assertThatThrownBy(() -> GgufWriter.write(path, new LinkedHashMap<>(), List.of(entry)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
