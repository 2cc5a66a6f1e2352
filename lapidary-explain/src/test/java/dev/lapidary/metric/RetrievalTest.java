package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RetrievalTest {
    private static final double LOG3 = Math.log(3) / Math.log(2);

    @Test
    void recallCountsTheFirstK() {
        double[] scores = {0.9, 0.1, 0.8, 0.3, 0.7};
        boolean[] relevant = {false, true, true, false, true};

        assertThat(Retrieval.recall(scores, relevant, 1)).isZero();
        assertThat(Retrieval.recall(scores, relevant, 2)).isEqualTo(1.0 / 3);
        assertThat(Retrieval.recall(scores, relevant, 3)).isEqualTo(2.0 / 3);
        assertThat(Retrieval.recall(scores, relevant, 100)).isEqualTo(1);
    }

    @Test
    void gainsAreDiscountedByTheirPlace() {
        double[] scores = {3, 2, 1};
        double[] gains = {1, 0, 3};
        double ideal = 3 + 1 / LOG3;

        assertThat(Retrieval.ndcg(scores, gains, 3)).isEqualTo((1 + 3 / 2.0) / ideal, within(1e-15));
        assertThat(Retrieval.ndcg(scores, gains, 1)).isEqualTo(1.0 / 3, within(1e-15));
        assertThat(Retrieval.ndcg(gains, gains, 2)).isEqualTo(1, within(1e-15));
    }

    @Test
    void tiesHaveTheMeanOverAllTheirOrders() {
        double[] scores = {2, 1, 1, 1};
        boolean[] relevant = {false, true, false, true};
        double[] gains = {0, 1, 0, 1};

        assertThat(Retrieval.recall(scores, relevant, 2))
                .isEqualTo(1.0 / 3, within(1e-15)); // 2/3 of a relevant one, of 2
        double mean = (1 / LOG3 + 0.5) * (2.0 / 3);
        assertThat(Retrieval.ndcg(scores, gains, 3)).isEqualTo(mean / (1 + 1 / LOG3), within(1e-15));
        assertThat(Retrieval.recall(new double[] {0.0, -0.0}, new boolean[] {false, true}, 1))
                .isEqualTo(0.5);
    }

    @Test
    void nothingRelevantHasNoFigure() {
        assertThat(Retrieval.recall(new double[] {1, 2}, new boolean[2], 1)).isNaN();
        assertThat(Retrieval.ndcg(new double[] {1, 2}, new double[2], 1)).isNaN();
    }

    @Test
    void refusesWhatIsNoRanking() {
        assertThatThrownBy(() -> Retrieval.recall(new double[] {1}, new boolean[] {true}, 0))
                .hasMessage("k must be at least 1; got 0");
        assertThatThrownBy(() -> Retrieval.ndcg(new double[] {1}, new double[] {-1}, 1))
                .hasMessage("gains must be finite and at least 0; got -1.0");
        assertThatThrownBy(() -> Retrieval.recall(new double[] {Double.NaN}, new boolean[] {true}, 1))
                .hasMessage("scores must be finite; got NaN for item 0");
        assertThatThrownBy(() -> Retrieval.recall(new double[] {1}, new boolean[2], 1))
                .hasMessageContaining("same items");
    }
}
