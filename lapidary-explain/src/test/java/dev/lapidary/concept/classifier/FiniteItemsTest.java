package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FiniteItemsTest {
    private static final double[][] WEIGHTS = {{1, 0}, {0, 1}};
    private static final double[] BIAS = {0, 0};

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void anItemThatIsNoNumberIsRefused(float bad) {
        String line = "embeddings must be finite; got " + bad + " in column 2";
        for (ConceptScorer scorer : new ConceptScorer[] {
            HandMade.ofCoordinates(WEIGHTS, BIAS, 1), HandMade.gated(WEIGHTS, BIAS, 1, new double[2], new double[2])
        }) {
            try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1, 0}, {1, bad}})) {
                assertThatThrownBy(() -> scorer.predict(items, null))
                        .isInstanceOf(InputException.class)
                        .hasMessage(line);
                assertThat(scorer.predict(items, new int[] {0})).containsExactly(0);
            }
            assertThatThrownBy(() -> scorer.scores(new float[] {1, bad}))
                    .isInstanceOf(InputException.class)
                    .hasMessage(line);
        }
    }

    @Test
    void aScoreThatIsNoNumberIsRefused() {
        ConceptScorer scorer = HandMade.ofCoordinates(
                new double[][] {{1e308, 1e308}, {1, 1}}, new double[] {Double.NEGATIVE_INFINITY, 0}, 1e308);
        try (EmbeddingMatrix items = EmbeddingMatrix.of(new float[][] {{1, 0}, {1, 1}})) {
            assertThatThrownBy(() -> scorer.predict(items, null))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("class scores must be numbers; got NaN for item 1");
        }
    }
}
