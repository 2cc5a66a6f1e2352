package dev.lapidary.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.metric.Interval;
import dev.lapidary.trial.Comparison.Claim;
import org.junit.jupiter.api.Test;

class RepeatabilityTest {
    @Test
    void noDifferenceHoldsAsOftenAsTheLevelSays() {
        Interval interval = Interval.ofMean(-1, 1, -0.5, 0.5, 0);
        assertThat(Repeatability.share(0, interval, 5, Claim.BETTER, 0)).isEqualTo(0.025, within(0.005));
    }

    @Test
    void aDifferenceAtTheEdgeOfItsIntervalHoldsAboutHalfOfTheTime() {
        double[] values = {1, 2, 3, 4, 5};
        Interval interval = Interval.ofMean(values);
        double half = 3 - interval.low();
        Interval atEdge = new Interval(0, 2 * half);
        assertThat(Repeatability.share(half, atEdge, 5, Claim.BETTER, 0)).isBetween(0.5, 0.65);
    }

    @Test
    void aLargeDifferenceAlwaysHolds() {
        assertThat(Repeatability.share(10, new Interval(9.9, 10.1), 5, Claim.BETTER, 0))
                .isEqualTo(1);
        assertThat(Repeatability.share(-10, new Interval(-10.1, -9.9), 5, Claim.NOT_WORSE, 1))
                .isZero();
    }

    @Test
    void equalSeedsRepeatThemselves() {
        assertThat(Repeatability.share(0, new Interval(0, 0), 5, Claim.BETTER, 0))
                .isZero();
        assertThat(Repeatability.share(0.1, new Interval(0.1, 0.1), 5, Claim.BETTER, 0))
                .isEqualTo(1);
        assertThat(Repeatability.share(0, new Interval(0, 0), 5, Claim.NOT_WORSE, 0.1))
                .isEqualTo(1);
        assertThat(Repeatability.share(0, new Interval(0, 0), 5, Claim.NOT_WORSE, 0))
                .isEqualTo(1); // a bound that is reached
    }
}
