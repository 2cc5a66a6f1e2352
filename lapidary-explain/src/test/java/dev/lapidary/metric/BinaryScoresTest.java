package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BinaryScoresTest {
    private static BinaryScores scores(double[] scores, int... labels) {
        boolean[] positive = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            positive[i] = labels[i] == 1;
        }
        return BinaryScores.of(scores, positive);
    }

    @Test
    void aKnownExample() {
        BinaryScores known =
                scores(new double[] {0.1, 0.4, 0.35, 0.8}, 0, 0, 1, 1); // that of scikit-learn's documentation

        assertThat(known.rocArea()).isEqualTo(0.75);
        assertThat(known.averagePrecision()).isEqualTo(0.5 * 1 + 0.5 * (2.0 / 3), within(1e-15));
        assertThat(known.threshold()).isEqualTo(0.225, within(1e-15)); // above 0.6 is as good, and higher
        assertThat(known.balancedAccuracy(0.225)).isEqualTo(0.75);
        assertThat(known.balancedAccuracy(0.35)).isEqualTo(0.5); // a score on the threshold is not above it
        assertThat(known.share()).isEqualTo(0.5);
    }

    @Test
    void tiesCountHalf() {
        BinaryScores tied = scores(new double[] {0.5, 0.5, 0.5, 1}, 0, 1, 0, 1);

        assertThat(tied.rocArea()).isEqualTo(0.75);
        assertThat(tied.averagePrecision()).isEqualTo(0.5 * 1 + 0.5 * 0.5, within(1e-15));
    }

    @Test
    void constantScoresAreWorthWhatChanceIs() {
        BinaryScores constant = scores(new double[] {2, 2, 2, 2, 2}, 1, 0, 1, 0, 0);

        assertThat(constant.rocArea()).isEqualTo(0.5);
        assertThat(constant.averagePrecision()).isEqualTo(0.4);
        assertThat(constant.threshold()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(constant.balancedAccuracy(constant.threshold())).isEqualTo(0.5);
    }

    @Test
    void anAreaNeedsBothKinds() {
        BinaryScores positive = scores(new double[] {1, 2}, 1, 1);
        BinaryScores negative = BinaryScores.of(new double[0], new double[] {1, 2});

        assertThat(positive.bothSeen()).isFalse();
        assertThat(positive.rocArea()).isNaN();
        assertThat(positive.averagePrecision()).isEqualTo(1);
        assertThat(positive.balancedAccuracy(0)).isNaN();
        assertThat(negative.rocArea()).isNaN();
        assertThat(negative.averagePrecision()).isNaN();
        assertThat(negative.share()).isZero();
    }

    @Test
    void areaAndPrecisionEqualTheirDefinitionsOverAllPairsAndThresholds() {
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            int n = 5 + random.nextInt(30);
            double[] score = random.doubles(n).map(x -> Math.floor(8 * x) - 4).toArray(); // many are equal
            boolean[] positive = new boolean[n];
            for (int i = 0; i < n; i++) {
                positive[i] = i == 0 || (i > 1 && random.nextBoolean());
            }
            BinaryScores scores = BinaryScores.of(score, positive);

            assertThat(scores.rocArea()).isEqualTo(pairsWon(score, positive), within(1e-13));
            assertThat(scores.averagePrecision()).isEqualTo(precisionAtEveryPositive(score, positive), within(1e-13));
        }
    }

    private static double pairsWon(double[] score, boolean[] positive) {
        double won = 0;
        double pairs = 0;
        for (int i = 0; i < score.length; i++) {
            for (int j = 0; j < score.length; j++) {
                if (positive[i] && !positive[j]) {
                    won += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
                    pairs++;
                }
            }
        }
        return won / pairs;
    }

    /** The mean over positive items of the precision among all items of at least their score. */
    private static double precisionAtEveryPositive(double[] score, boolean[] positive) {
        double sum = 0;
        double items = 0;
        for (int i = 0; i < score.length; i++) {
            double called = 0;
            double right = 0;
            for (int j = 0; j < score.length; j++) {
                called += score[j] >= score[i] ? 1 : 0;
                right += score[j] >= score[i] && positive[j] ? 1 : 0;
            }
            sum += positive[i] ? right / called : 0;
            items += positive[i] ? 1 : 0;
        }
        return sum / items;
    }

    @Test
    void refusesNaN() {
        assertThatThrownBy(() -> scores(new double[] {1, Double.NaN}, 0, 1))
                .hasMessage("scores must be numbers; got NaN");
    }
}
