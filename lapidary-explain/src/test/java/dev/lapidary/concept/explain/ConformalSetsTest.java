package dev.lapidary.concept.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConformalSetsTest {
    @Test
    void theThresholdIsAnOrderStatisticOfTheTrueClassesProbabilities() {
        // probabilities of the true class 0.1, 0.2 ... 0.9; (9 + 1)·0.2 = 2: the second smallest
        double[][] logits = new double[9][];
        for (int i = 0; i < 9; i++) {
            double p = (i + 1) / 10.0;
            logits[i] = new double[] {Math.log(p), Math.log(1 - p)};
        }
        ConformalSets sets = ConformalSets.calibrate(logits, new int[9], 0.2);
        assertThat(sets.threshold()).isEqualTo(0.2, within(1e-12));
        assertThat(sets.set(new double[] {Math.log(0.7), Math.log(0.3)})).containsExactly(0, 1);
        assertThat(sets.set(new double[] {Math.log(0.15), Math.log(0.85)})).containsExactly(1);
        assertThat(ConformalSets.calibrate(logits, new int[9], 0.05).threshold())
                .isZero(); // too few items for the level
    }

    @Test
    void setsHoldTheTrueClassInTheWantedShare() {
        Random random = new Random(4);
        double[][] logits = new double[4000][];
        int[] labels = new int[4000];
        for (int i = 0; i < labels.length; i++) {
            logits[i] =
                    random.doubles(4, -2, 2).toArray(); // calibrated only by chance: the label ignores three of them
            labels[i] = random.nextDouble() < 0.5 ? random.nextInt(4) : 0;
        }
        double[][] calibration = Arrays.copyOf(logits, 2000);
        ConformalSets sets = ConformalSets.calibrate(calibration, Arrays.copyOf(labels, 2000), 0.1);
        int inside = 0;
        for (int i = 2000; i < 4000; i++) {
            inside += sets.set(logits[i]).contains(labels[i]) ? 1 : 0;
        }
        assertThat(inside / 2000.0).isEqualTo(0.9, within(0.03));
    }

    @Test
    void theLevelMustBeAShare() {
        assertThatThrownBy(() -> new ConformalSets(1, 0.5, 10))
                .isInstanceOf(InputException.class)
                .hasMessage("alpha must be between 0 and 1; got 1.0");
    }
}
