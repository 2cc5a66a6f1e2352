package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConceptEmbeddingsTest {
    @TempDir
    Path folder;

    private final ConceptLedger ledger = new ConceptLedger();

    private Path file(String names, float[] embeddings, boolean classes) throws IOException {
        List<TensorView> tensors = new ArrayList<>();
        tensors.add(TensorView.of("embeddings", embeddings, embeddings.length / 2, 2));
        if (classes) {
            tensors.add(TensorView.of("class_embeddings", new float[] {0, 1}, 1, 2));
        }
        Path file = folder.resolve("concepts.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("names", names, "classes", "[\"k\"]"));
        return file;
    }

    @Test
    void readsNamesAndRowsTogether() throws IOException {
        ConceptEmbeddings read = ConceptEmbeddings.read(
                file("[\"a wing\",\"\",\"beak\",\"Wing\"]", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, true), ledger);
        assertThat(read.concepts().names()).containsExactly("a wing", "beak");
        assertThat(read.vectors()).isDeepEqualTo(new float[][] {{1, 2}, {5, 6}});
        assertThat(read.classes()).containsExactly("k");
        assertThat(read.classVectors()).isDeepEqualTo(new float[][] {{0, 1}});
        assertThat(ledger.entries()).extracting(ConceptLedger.Entry::line).containsExactly(2, 4);
    }

    @Test
    void readsNamesFromAnArrayOfStrings() throws IOException {
        Path file = folder.resolve("concepts.npz");
        ByteBuffer rows = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        rows.asFloatBuffer().put(new float[] {1, 2, 3, 4});
        ByteBuffer names = ByteBuffer.allocate(2 * 3 * 4).order(ByteOrder.LITTLE_ENDIAN);
        "skyab\0".chars().forEach(names::putInt);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            entry(zip, "embeddings.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", rows.array());
            entry(zip, "names.npy", "{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", names.array());
        }
        ConceptEmbeddings read = ConceptEmbeddings.read(file, ledger);
        assertThat(read.concepts().names()).containsExactly("sky", "ab");
        assertThat(read.vectors()).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}});
        assertThat(read.classes()).isEmpty();
    }

    private static void entry(ZipOutputStream zip, String name, String header, byte[] data) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        int length = 118; // 10 bytes before it, 128 in all
        zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) length, 0});
        zip.write((header + " ".repeat(length - 1 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
        zip.write(data);
        zip.closeEntry();
    }

    @Test
    void filtersByTheirCosines() throws IOException {
        ConceptEmbeddings read = ConceptEmbeddings.read(
                file("[\"up\",\"right\",\"left\"]", new float[] {0.1f, 9, 5, 0, -5, 0}, true), ledger);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{3, 1}, {2, 1}})) {
            ConceptSet kept = new ConceptFilters(ConceptFilters.Settings.defaults())
                    .apply(read.concepts(), read.classes(), read.similarity(), items, ledger);
            assertThat(kept.names()).containsExactly("right");
            assertThat(read.select(kept).vectors()).isDeepEqualTo(new float[][] {{5, 0}});
        }
        assertThat(ledger.droppedByRule()).isEqualTo(Map.of("class-similarity", 1, "activation", 1));
    }

    @Test
    void refusesWhatDoesNotMatch() throws IOException {
        float[] two = {1, 2, 3, 4};
        assertThatThrownBy(() -> ConceptEmbeddings.read(file("[\"a\"]", two, false), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("names and embeddings must match; got 1 names and 2 rows");
        assertThatThrownBy(() -> ConceptEmbeddings.read(file("{\"a\":1}", two, false), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("metadata names must be a JSON array of strings; got {\"a\":1}");
        assertThatThrownBy(() -> ConceptEmbeddings.read(file("[null,\"b\"]", two, false), ledger))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() ->
                        ConceptEmbeddings.read(file("[\"a\",\"b\"]", new float[] {1, 2, Float.NaN, 4}, false), ledger))
                .isInstanceOf(InputException.class)
                .hasMessage("concept embeddings must be finite; got NaN in row 2");
        assertThatThrownBy(() -> ConceptEmbeddings.read(file("[\"\",\" \"]", two, false), ledger))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least one row");
    }

    @Test
    void refusesClassesOfAnotherWidth() {
        assertThatThrownBy(() -> new ConceptEmbeddings(
                        ConceptSet.of("s", List.of("a")), new float[][] {{1, 2}}, List.of("k"), new float[][] {{1}}))
                .isInstanceOf(InputException.class)
                .hasMessage("class embeddings must have the concepts' width 2; got 1");
    }
}
