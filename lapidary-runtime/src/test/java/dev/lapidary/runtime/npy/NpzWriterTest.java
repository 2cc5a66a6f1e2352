package dev.lapidary.runtime.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpzWriterTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "float<f2",
                "float<f4",
                "float<f8",
                "inti1",
                "int<i2",
                "int<i4",
                "int<i8",
                "unsignedu1",
                "bool",
                "scalar",
                "empty"
            })
    void entriesAreTheBytesThatNumPyWrites(String name) throws IOException {
        Path file = folder.resolve("out.npz");
        try (TensorFile numpy = NumpyFiles.open(folder, name)) {
            TensorView view = numpy.tensor("");
            NpzWriter.write(file, List.of(new TensorView("a.b", view.dtype(), view.shape(), view.data())));
        }

        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry("a.b.npy");
            assertThat(zip.size()).isEqualTo(1);
            assertThat(entry.getMethod()).isEqualTo(ZipEntry.DEFLATED);
            assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(NumpyFiles.bytes(name));
        }
    }

    @Test
    void whatIsWrittenIsReadBackInItsOrder() throws IOException {
        byte[] random = new byte[200_001]; // several pieces
        new Random(1).nextBytes(random);
        Path file = folder.resolve("out.npz");
        NpzWriter.write(
                file,
                List.of(
                        TensorView.of("model.layers.0.q_proj.weight.mask", random, random.length),
                        TensorView.of("a/b", new float[] {1, -2, 3, 4, 5, 6}, 2, 3)));

        try (TensorFile read = TensorFile.open(file)) {
            assertThat(read.tensors().keySet()).containsExactly("model.layers.0.q_proj.weight.mask", "a/b");
            assertThat(read.tensor("model.layers.0.q_proj.weight.mask").toBytes())
                    .isEqualTo(random);
            assertThat(read.tensor("a/b").shape()).containsExactly(2L, 3L);
            assertThat(read.tensor("a/b").toFloats()).containsExactly(1, -2, 3, 4, 5, 6);
        }
    }

    @Test
    void theSameTensorsAreTheSameBytes() throws IOException {
        List<TensorView> tensors = List.of(TensorView.of("a", new byte[5000], 5000));
        NpzWriter.write(folder.resolve("one.npz"), tensors);
        NpzWriter.write(folder.resolve("two.npz"), tensors);

        byte[] bytes = Files.readAllBytes(folder.resolve("one.npz"));
        assertThat(folder.resolve("two.npz")).hasBinaryContent(bytes);
        // local header: no extra field, which would hold the time zone's time
        assertThat(bytes[28]).isZero();
        assertThat(bytes[29]).isZero();
        assertThat(bytes).hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "/a", "a\\b", "a\nb"})
    void namesThatAReaderRefusesAreRefused(String name) {
        Path file = folder.resolve("out.npz");
        assertThatThrownBy(() -> NpzWriter.write(file, List.of(TensorView.of(name, new float[1], 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names must be plain and distinct");
        assertThat(file).doesNotExist();
    }

    @Test
    void equalNamesAndTypesThatNumPyLacksAreRefused() {
        Path file = folder.resolve("out.npz");
        TensorView view = TensorView.of("a", new byte[2], 2);
        assertThatThrownBy(() -> NpzWriter.write(file, List.of(view, view)))
                .hasMessageContaining("names must be plain and distinct");
        TensorView half = new TensorView("a", DType.BF16, List.of(1L), view.data());
        assertThatThrownBy(() -> NpzWriter.write(file, List.of(half))).hasMessageContaining("got BF16");
        assertThat(file).doesNotExist();
    }
}
