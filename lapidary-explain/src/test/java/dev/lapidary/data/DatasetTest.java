package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetTest {
    @Test
    void equalContentsHaveEqualHashesWhateverTheirCaseAndWhiteSpace() {
        Dataset data = Dataset.ofTexts(
                List.of("Two  words", " two\twords\n", "two\u00a0WORDS", "twowords", "Stra\u00dfe", "STRASSE"),
                List.of("a", "a", "a", "a", "b", "b"));
        assertThat(data.contentHash(1)).isEqualTo(data.contentHash(0));
        assertThat(data.contentHash(2)).isEqualTo(data.contentHash(0));
        assertThat(data.contentHash(3)).isNotEqualTo(data.contentHash(0));
        assertThat(data.contentHash(5)).isEqualTo(data.contentHash(4));
        // the first eight bytes of the SHA-256 of "abc", FIPS 180-2
        assertThat(Dataset.ofTexts(List.of("ABC"), List.of("a")).contentHash(0)).isEqualTo(0xba7816bf8f01cfeaL);
    }

    @Test
    void embeddingsAreEqualWhenTheirBytesAre() {
        EmbeddingMatrix matrix = EmbeddingMatrix.of(new float[][] {{1, 2}, {1, 2}, {1, 3}});
        try (Dataset data = Dataset.ofEmbeddings(matrix, List.of("a", "b", "b"))) {
            assertThat(data.contentHash(1)).isEqualTo(data.contentHash(0));
            assertThat(data.contentHash(2)).isNotEqualTo(data.contentHash(0));
        }
    }

    @Test
    void digestDependsOnContentLabelsAndOrder() {
        String digest = Dataset.ofTexts(List.of("x", "y"), List.of("a", "b")).digest();
        assertThat(Dataset.ofTexts(List.of("x", "y"), List.of("a", "b")).digest())
                .isEqualTo(digest);
        assertThat(List.of(
                        digest,
                        Dataset.ofTexts(List.of("x", "Y"), List.of("a", "b")).digest(),
                        Dataset.ofTexts(List.of("x", "y"), List.of("b", "a")).digest(),
                        Dataset.ofTexts(List.of("y", "x"), List.of("b", "a")).digest()))
                .doesNotHaveDuplicates();
    }

    @Test
    void relabelsToTheClassesOfATrainedModel() {
        Dataset data = Dataset.ofTexts(List.of("x", "y", "z"), List.of("b", "d", "b"));
        Dataset mapped = data.relabel(List.of("a", "d", "b"));
        assertThat(mapped.label(0)).isEqualTo(2);
        assertThat(mapped.label(1)).isEqualTo(1);
        assertThat(mapped.classCounts()).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> data.relabel(List.of("a", "b")))
                .isInstanceOf(InputException.class)
                .hasMessage("every label must be among the classes of the training [a, b]; got [d]");
    }

    @Test
    void matrixKeepsRowsAndRefusesOtherWidths() {
        try (EmbeddingMatrix matrix = EmbeddingMatrix.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
                EmbeddingMatrix chosen = matrix.select(new int[] {1, 1, 0})) {
            assertThat(chosen.rows()).isEqualTo(3);
            assertThat(chosen.row(1)).containsExactly(4, 5, 6);
            assertThat(chosen.row(2)).containsExactly(1, 2, 3);
            matrix.requireFinite("ones that are");
            assertThatThrownBy(() -> matrix.set(0, new float[2])).hasMessageContaining("got 2");
            assertThatThrownBy(() -> matrix.row(2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void matrixClosesItsOwnerOnce() {
        int[] closed = new int[1];
        EmbeddingMatrix inner = EmbeddingMatrix.allocate(2, 2);
        EmbeddingMatrix matrix = EmbeddingMatrix.of(inner.segment(), 2, 2, () -> {
            closed[0]++;
            inner.close();
        });
        matrix.close();
        matrix.close();
        assertThat(closed[0]).isEqualTo(1);
        assertThatThrownBy(() -> matrix.row(0)).isInstanceOf(IllegalStateException.class);
    }
}
