package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A test part that is given, not drawn. */
class TestPartTest {
    private static Dataset texts(String prefix, int size) {
        List<String> texts = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            texts.add(prefix + i);
            labels.add("class " + i % 2);
        }
        return Dataset.ofTexts(texts, labels);
    }

    @Test
    void everySplitReportsOnItAndOnNothingElse() {
        Dataset both = TestPart.of(texts("train ", 40), texts("test ", 11));
        int[] reserved = Splits.reserved(both, 3, 0.4);
        assertThat(Arrays.stream(reserved).boxed()).isNotEmpty().allMatch(row -> row < 40);
        for (int seed = 0; seed < 5; seed++) {
            Split split = Splits.draw(both, seed, SplitShares.DEFAULT, reserved);
            assertThat(split.test()).isEqualTo(IntStream.range(40, 51).toArray());
            assertThat(split.validation()).hasSize(6); // an eighth of each class's 20, rounded
            assertThat(split.train()).hasSize(34).contains(reserved);
        }
        assertThat(both.id(40)).isEqualTo("test:1");
        assertThat(both.text(50)).isEqualTo("test 10");
        assertThat(both.label(50)).isEqualTo(0);
    }

    @Test
    void trainingItemsThatEqualATestItemAreLeftOut() {
        Dataset training =
                Dataset.ofTexts(List.of("a", "b", "c", "d", "e", "f"), List.of("x", "x", "x", "y", "y", "y"));
        Dataset both = TestPart.of(training, Dataset.ofTexts(List.of(" B ", "z"), List.of("y", "x")));
        assertThat(both.texts()).containsExactly("a", "c", "d", "e", "f", " B ", "z");
        assertThat(IntStream.range(0, both.size()).mapToObj(both::id))
                .containsExactly("1", "3", "4", "5", "6", "test:1", "test:2");
        assertThat(both.warnings()).containsExactly("1 training items equal a test item and are left out");
        assertThat(Splits.draw(both, 0, SplitShares.DEFAULT).test()).containsExactly(5, 6);
    }

    @Test
    void embeddingsAreJoinedRowByRow() {
        Dataset training = Dataset.ofEmbeddings(
                EmbeddingMatrix.of(new float[][] {{1, 2}, {3, 4}, {5, 6}, {7, 8}}), List.of("x", "x", "y", "y"));
        Dataset test = Dataset.ofEmbeddings(EmbeddingMatrix.of(new float[][] {{3, 4}, {9, 9}}), List.of("y", "x"));
        try (Dataset both = TestPart.of(training, test)) {
            EmbeddingMatrix rows = both.embeddings().orElseThrow();
            assertThat(rows.rows()).isEqualTo(5);
            assertThat(rows.row(1)).containsExactly(5, 6);
            assertThat(rows.row(3)).containsExactly(3, 4);
            assertThat(Arrays.stream(new int[] {0, 1, 2, 3, 4}).map(both::label))
                    .containsExactly(0, 1, 1, 1, 0);
        }
    }

    @Test
    void partsThatDoNotFitTogetherAreRefused() {
        Dataset training = texts("train ", 8);
        assertThatThrownBy(() -> TestPart.of(training, Dataset.ofTexts(List.of("t"), List.of("other"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be among the classes of the training");
        assertThatThrownBy(() -> TestPart.of(
                        training, Dataset.ofEmbeddings(EmbeddingMatrix.of(new float[][] {{1}}), List.of("class 0"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be of one form");
    }
}
