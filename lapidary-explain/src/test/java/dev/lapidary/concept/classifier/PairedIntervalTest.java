package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedIntervalTest {
    @Test
    void overSeedsFollowsTheCorrectedFormula() {
        PairedInterval interval = PairedInterval.overSeeds(new double[] {0.01, 0.03, 0.02}, 0.25, 0);
        double half = 4.302653 * Math.sqrt((1.0 / 3 + 0.25) * 1e-4);
        assertThat(interval.low()).isEqualTo(0.02 - half, within(1e-6));
        assertThat(interval.high()).isEqualTo(0.02 + half, within(1e-6));
    }

    @Test
    void seedsThatAgreeByChanceAreNoCertainty() {
        boolean[] a = {true, true, true, false};
        boolean[] b = {true, false, true, true}; // differences 0, 1, 0, -1
        double variance = PairedInterval.itemVariance(a, b);
        assertThat(variance).isEqualTo(0.125, within(1e-12));

        PairedInterval interval = PairedInterval.overSeeds(new double[] {0.25, 0.25}, 0.25, 0.01);
        double half = 1.959964 * Math.sqrt(0.75 * 0.01);
        assertThat(interval.low()).isEqualTo(0.25 - half, within(1e-6));
        assertThat(interval.high()).isEqualTo(0.25 + half, within(1e-6));
    }

    @Test
    void aDifferenceOfSharesStaysWithinOne() {
        PairedInterval interval = PairedInterval.overSeeds(new double[] {0.1, 0.6}, 0.25, 0.01);
        assertThat(interval).isEqualTo(new PairedInterval(-1, 1));
    }

    @Test
    void overItemsCoversTheTruthAboutAsOftenAsItSays() {
        Random random = new Random(3);
        int covered = 0;
        for (int trial = 0; trial < 60; trial++) {
            boolean[] a = new boolean[400];
            boolean[] b = new boolean[400];
            for (int i = 0; i < a.length; i++) {
                a[i] = random.nextDouble() < 0.8;
                b[i] = random.nextDouble() < 0.7;
            }
            PairedInterval interval = PairedInterval.overItems(new boolean[][] {a}, new boolean[][] {b});
            covered += interval.low() <= 0.1 && 0.1 <= interval.high() ? 1 : 0;
        }
        assertThat(covered).isBetween(52, 60);
    }

    @Test
    void equalClassifiersGiveAnIntervalOfZero() {
        boolean[][] right = {{true, false, true}};
        PairedInterval interval = PairedInterval.overItems(right, right);
        assertThat(interval.low()).isZero();
        assertThat(interval.high()).isZero();
        assertThat(interval.excludesZero()).isFalse();
    }
}
