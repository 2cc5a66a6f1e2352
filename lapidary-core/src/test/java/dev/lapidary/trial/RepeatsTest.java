package dev.lapidary.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.metric.Interval;
import org.junit.jupiter.api.Test;

class RepeatsTest {
    @Test
    void noDifferenceHoldsAsOftenAsTheLevelSays() {
        Interval interval = Interval.ofMean(-1, 1, -0.5, 0.5, 0);
        assertThat(Repeats.share(0, interval, 5, 0)).isEqualTo(0.025, within(0.005));
    }

    @Test
    void aDifferenceAtTheEdgeOfItsIntervalHoldsAboutHalfOfTheTime() {
        double[] values = {1, 2, 3, 4, 5};
        Interval interval = Interval.ofMean(values);
        double half = 3 - interval.low();
        Interval atEdge = new Interval(0, 2 * half);
        assertThat(Repeats.share(half, atEdge, 5, 0)).isBetween(0.5, 0.65);
    }

    @Test
    void aLargeDifferenceAlwaysHolds() {
        assertThat(Repeats.share(10, new Interval(9.9, 10.1), 5, 0)).isEqualTo(1);
        assertThat(Repeats.share(-10, new Interval(-10.1, -9.9), 5, -1)).isZero();
    }

    @Test
    void equalSeedsRepeatThemselves() {
        assertThat(Repeats.share(0, new Interval(0, 0), 5, 0)).isZero();
        assertThat(Repeats.share(0.1, new Interval(0.1, 0.1), 5, 0)).isEqualTo(1);
        assertThat(Repeats.share(0, new Interval(0, 0), 5, -0.1)).isEqualTo(1);
    }
}
