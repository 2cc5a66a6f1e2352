package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddingFilesTest {
    private static final float[] VALUES = {1, 2, 3, 4, 5, 6};

    @TempDir
    Path folder;

    private Path write(Map<String, String> metadata, TensorView... tensors) throws IOException {
        Path path = folder.resolve("data.safetensors");
        SafetensorsWriter.write(path, List.of(tensors), metadata);
        return path;
    }

    private static void refuses(DataSource source, String... parts) {
        assertThatThrownBy(() -> DataReader.read(source))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("\n");
    }

    private DataSource withLabels(Path path, String labels) throws IOException {
        Path file = Files.writeString(folder.resolve("labels.txt"), labels);
        return new DataSource(path, List.of(), Optional.empty(), Optional.of(file));
    }

    @Test
    void readsLabelsThatIndexNamedClasses() throws IOException {
        Path path = write(
                Map.of("classes", "[\"world\", \"unused\", \"sports\"]"),
                TensorView.of("embeddings", VALUES, 3, 2),
                TensorView.of("other", VALUES, 2, 3),
                TensorView.of("labels", new int[] {0, 2, 0}, 3));
        try (Dataset data = DataReader.read(DataSource.of(path))) {
            assertThat(data.hasTexts()).isFalse();
            assertThat(data.classes()).containsExactly("sports", "world");
            assertThat(data.label(0)).isEqualTo(1);
            assertThat(data.label(1)).isZero();
            EmbeddingMatrix matrix = data.embeddings().orElseThrow();
            assertThat(matrix.row(1)).containsExactly(3, 4);
            assertThat(matrix.segment().isMapped()).isTrue();
            assertThat(data.id(2)).isEqualTo("3");
        }
    }

    @Test
    void convertsOtherTypesAndNamesClassesByTheirNumbers() throws IOException {
        Path path = write(
                Map.of(),
                TensorView.of("x", new double[] {1, 2, 3, 4, 5, 6}, 3, 2),
                TensorView.of("labels", new long[] {-1, 10, 2}, 3));
        try (Dataset data = DataReader.read(DataSource.of(path))) {
            assertThat(data.embeddings().orElseThrow().row(2)).containsExactly(5, 6);
            assertThat(data.classes()).containsExactly("-1", "10", "2");
            assertThat(data.label(2)).isEqualTo(2);
        }
    }

    @Test
    void takesLabelsFromAFile() throws IOException {
        Path path = write(Map.of(), TensorView.of("x", VALUES, 3, 2));
        try (Dataset data = DataReader.read(withLabels(path, "a\nb\na\n"))) {
            assertThat(data.classCounts()).containsExactly(2, 1);
        }
        refuses(withLabels(path, "a\nb\n"), "one label per item; got 2 labels in ", " for 3 items");
        try (Dataset data = DataReader.read(withLabels(path, "a\n\u200b\n\u00a0b\n"))) {
            assertThat(data.classes()).containsExactly("a", "b");
            assertThat(data.id(1)).isEqualTo("3");
            assertThat(data.embeddings().orElseThrow().row(1)).containsExactly(VALUES[4], VALUES[5]);
            assertThat(data.warnings()).containsExactly(path + ": 1 item with an empty label left out, first row 2");
        }
        refuses(withLabels(path, "\n \n\u2003\n"), "must hold at least one item; got 3 with an empty label");
        refuses(withLabels(path, ""), "got an empty file");
        refuses(
                DataSource.of(path),
                "labels must be in a tensor 'labels' or in a file given by --labels; got only [x]");
        try (Dataset data = DataReader.readUnlabelled(DataSource.of(path))) {
            assertThat(data.labelled()).isFalse();
        }
    }

    @Test
    void readsNpyAndNpzWithNamesAsStrings() throws IOException {
        Path npy = folder.resolve("x.npy");
        Files.write(npy, npy("<f4", "(3, 2)", floats(VALUES)));
        try (Dataset data = DataReader.read(withLabels(npy, "a\nb\na"))) {
            assertThat(data.embeddings().orElseThrow().row(2)).containsExactly(5, 6);
        }
        Path npz = folder.resolve("x.npz");
        try (OutputStream out = Files.newOutputStream(npz);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("embeddings.npy"));
            zip.write(npy("<f4", "(3, 2)", floats(VALUES)));
            zip.putNextEntry(new ZipEntry("labels.npy"));
            zip.write(npy("<U2", "(3,)", utf32()));
        }
        try (Dataset data = DataReader.read(DataSource.of(npz))) {
            assertThat(data.classes()).containsExactly("a", "b", "be");
            assertThat(data.label(0)).isEqualTo(2);
            assertThat(data.embeddings().orElseThrow().row(1)).containsExactly(3, 4);
        }
    }

    @Test
    void refusesNumbersThatAreNotFinite() throws IOException {
        Path path = write(Map.of(), TensorView.of("x", new float[] {1, 2, 3, Float.NaN, 5, 6}, 3, 2));
        refuses(withLabels(path, "a\nb\na"), path + ": embeddings must be finite; got NaN in column 2 in row 2 of 3");
        Path other = write(Map.of(), TensorView.of("x", new float[] {1, 2, 3, 4, Float.NEGATIVE_INFINITY, 6}, 3, 2));
        refuses(withLabels(other, "a\nb\na"), "got -Infinity in column 1 in row 3 of 3");
    }

    @Test
    void refusesShapesAndLabelsThatDoNotFit() throws IOException {
        refuses(
                DataSource.of(write(Map.of(), TensorView.of("x", VALUES, 6))),
                "must have a floating tensor embeddings");
        refuses(
                DataSource.of(write(Map.of(), TensorView.of("x", VALUES, 3, 2), TensorView.of("y", VALUES, 2, 3))),
                "or only one such tensor; got [x F32 [3, 2], y F32 [2, 3]]");
        refuses(
                DataSource.of(write(
                        Map.of(), TensorView.of("x", VALUES, 3, 2), TensorView.of("labels", new int[] {0, 1}, 2))),
                "labels must be integers of shape [3]; got labels I32 [2]");
        refuses(
                DataSource.of(write(
                        Map.of("classes", "[\"a\", \"b\"]"),
                        TensorView.of("x", VALUES, 3, 2),
                        TensorView.of("labels", new int[] {0, 1, 2}, 3))),
                "labels must be 0 to 1, as classes has 2 names; got 2 in row 3");
        refuses(
                DataSource.of(write(
                        Map.of("classes", "{}"),
                        TensorView.of("x", VALUES, 3, 2),
                        TensorView.of("labels", new int[] {0, 1, 1}, 3))),
                "metadata classes must be a JSON array of names");
    }

    private static byte[] floats(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** The strings be, b, a of at most two letters, as NumPy stores them: four bytes a letter. */
    private static byte[] utf32() {
        ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putInt('b')
                .putInt('e')
                .putInt('b')
                .putInt(0)
                .putInt('a')
                .putInt(0)
                .array();
    }

    private static byte[] npy(String type, String shape, byte[] data) {
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
        String padded = header + " ".repeat(63 - (header.length() + 10) % 64) + "\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        out.write(padded.length() & 0xff);
        out.write(padded.length() >> 8);
        out.writeBytes(padded.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(data);
        return out.toByteArray();
    }
}
