package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProbabilitiesTest {
    private static final double[][] THREE = {{0.5, 0.25, 0.25}, {0.1, 0.8, 0.1}};

    @Test
    void ofSeveralClasses() {
        assertThat(Probabilities.logLoss(THREE, new int[] {0, 2}))
                .isEqualTo((Math.log(2) + Math.log(10)) / 2, within(1e-15));
        assertThat(Probabilities.brier(THREE, new int[] {0, 2}))
                .isEqualTo((0.25 + 0.0625 + 0.0625 + 0.01 + 0.64 + 0.81) / 2, within(1e-15));
    }

    @Test
    void ofTwoClasses() {
        double[] p = {0.9, 0.25, 0.5};
        boolean[] labels = {true, false, false};

        assertThat(Probabilities.logLoss(p, labels))
                .isEqualTo(-(Math.log(0.9) + Math.log(0.75) + Math.log(0.5)) / 3, within(1e-15));
        assertThat(Probabilities.brier(p, labels)).isEqualTo((0.01 + 0.0625 + 0.25) / 3, within(1e-15));
        assertThat(Probabilities.brier(new double[][] {{0.1, 0.9}, {0.75, 0.25}, {0.5, 0.5}}, new int[] {1, 0, 0}))
                .isEqualTo(2 * Probabilities.brier(p, labels), within(1e-15));
    }

    @Test
    void certaintyThatIsWrongIsInfinitelyBad() {
        assertThat(Probabilities.logLoss(new double[] {1, 1}, new boolean[] {true, false}))
                .isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Probabilities.logLoss(new double[] {1, 0}, new boolean[] {true, false}))
                .isZero();
        assertThat(Probabilities.logLoss(new double[][] {{0, 1}}, new int[] {0}))
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void perplexityOfAUniformGuessIsTheNumberOfWords() {
        assertThat(Probabilities.perplexity(Math.log(50))).isEqualTo(50, within(1e-12));
    }

    @Test
    void refusesWhatAreNoProbabilities() {
        assertThatThrownBy(() -> Probabilities.brier(new double[] {0.5, 1.5}, new boolean[2]))
                .hasMessage("probabilities must be from 0 to 1; got 1.5 for item 1");
        assertThatThrownBy(() -> Probabilities.logLoss(new double[] {Double.NaN}, new boolean[1]))
                .hasMessageContaining("got NaN for item 0");
        assertThatThrownBy(() -> Probabilities.logLoss(new double[][] {{0.5, 0.6}}, new int[1]))
                .hasMessage("probabilities must be at least 0 and sum to 1; got a sum of 1.1 for item 0");
        assertThatThrownBy(() -> Probabilities.logLoss(new double[][] {{1.5, -0.5}}, new int[1]))
                .hasMessageContaining("at least 0");
        assertThatThrownBy(() -> Probabilities.brier(new double[][] {{0.5, 0.5}}, new int[] {2}))
                .hasMessage("labels must be from 0 to 1; got 2 for item 0");
    }
}
