package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CorrelationTest {
    @Test
    void pearsonOfNumbersByHand() {
        // deviations −2, −1, 0, 1, 2 and −2, 0, −1, 2, 1: joint 8, squares 10 and 10
        assertThat(Correlation.pearson(new double[] {1, 2, 3, 4, 5}, new double[] {1, 3, 2, 5, 4}))
                .isEqualTo(0.8, within(1e-15));
        assertThat(Correlation.pearson(new double[] {1, 2, 4}, new double[] {-3, -5, -9}))
                .isEqualTo(-1, within(1e-15));
    }

    @Test
    void spearmanSeesOrderAlone() {
        double[] x = {1, 2, 3, 4, 5};
        double[] steep = Arrays.stream(x).map(v -> Math.exp(10 * v)).toArray();

        assertThat(Correlation.spearman(x, steep)).isEqualTo(1, within(1e-15));
        assertThat(Correlation.pearson(x, steep)).isLessThan(0.8);
    }

    @Test
    void tiesShareTheMeanOfTheirRanks() {
        assertThat(Correlation.ranks(new double[] {10, 20, 10, 5, 20, 20})).containsExactly(2.5, 5, 2.5, 1, 5, 5);
        assertThat(Correlation.ranks(new double[] {0.0, -0.0, -1})).containsExactly(2.5, 2.5, 1);
        // ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: joint 4.5, squares 4.5 and 5
        assertThat(Correlation.spearman(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4}))
                .isEqualTo(4.5 / Math.sqrt(4.5 * 5), within(1e-15));
    }

    @Test
    void aConstantColumnHasNone() {
        assertThat(Correlation.pearson(new double[] {0.1, 0.1, 0.1}, new double[] {1, 2, 3}))
                .isNaN();
        assertThat(Correlation.spearman(new double[] {1, 2, 3}, new double[] {7, 7, 7}))
                .isNaN();
        assertThat(Correlation.pearson(new double[] {1}, new double[] {1})).isNaN();
    }

    @Test
    void neverExceedsOneByRounding() {
        double[] x = new Random(1).doubles(1000).toArray();
        double[] y = Arrays.stream(x).map(v -> 3 * v + 0.1).toArray();

        assertThat(Correlation.pearson(x, y)).isLessThanOrEqualTo(1).isEqualTo(1, within(1e-12));
    }

    @Test
    void refusesWhatIsNotFinite() {
        assertThatThrownBy(() -> Correlation.spearman(new double[] {1, Double.NaN}, new double[2]))
                .hasMessage("columns must be finite; got NaN for item 1");
        assertThatThrownBy(() -> Correlation.pearson(new double[] {1}, new double[2]))
                .hasMessageContaining("same items");
    }
}
