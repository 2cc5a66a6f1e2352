package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RegressionTest {
    private static final double[] TRUTH = {3, -0.5, 2, 7};
    private static final double[] PREDICTED = {2.5, 0, 2, 8};

    @Test
    void aKnownExample() { // that of scikit-learn's documentation: errors −½, ½, 0, 1
        assertThat(Regression.rootMeanSquare(TRUTH, PREDICTED)).isEqualTo(Math.sqrt(1.5 / 4), within(1e-15));
        assertThat(Regression.meanAbsolute(TRUTH, PREDICTED)).isEqualTo(0.5);
        assertThat(Regression.rSquared(TRUTH, PREDICTED)).isEqualTo(1 - 1.5 / 29.1875, within(1e-15));
    }

    @Test
    void theMeanHasNothingAndWorseIsNegative() {
        assertThat(Regression.rSquared(new double[] {1, 2, 3}, new double[] {2, 2, 2}))
                .isZero();
        assertThat(Regression.rSquared(new double[] {1, 2, 3}, new double[] {3, 2, 1}))
                .isEqualTo(-3);
        assertThat(Regression.rSquared(TRUTH, TRUTH)).isEqualTo(1);
    }

    @Test
    void aConstantTruthHasNoShareToExplain() {
        assertThat(Regression.rSquared(new double[] {0.1, 0.1, 0.1}, new double[] {0.1, 0.1, 0.1}))
                .isNaN();
    }

    @Test
    void refusesWhatIsNotFinite() {
        assertThatThrownBy(() -> Regression.meanAbsolute(new double[] {1, Double.NaN}, new double[2]))
                .hasMessage("truth must be finite; got NaN for item 1");
        assertThatThrownBy(() -> Regression.rootMeanSquare(new double[1], new double[2]))
                .hasMessage("truth and predicted must be of the same items, at least 1; got 1 and 2");
    }
}
