package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StudentTTest {
    @Test
    void quantilesAreThoseOfTheTables() {
        assertThat(StudentT.quantile(1)).isEqualTo(12.7062, within(1e-3));
        assertThat(StudentT.quantile(4)).isEqualTo(2.77645, within(1e-4));
        assertThat(StudentT.quantile(9)).isEqualTo(2.26216, within(1e-4));
        assertThat(StudentT.quantile(100)).isEqualTo(1.98397, within(1e-4));
    }

    @Test
    void theIntervalOfAMeanFollowsTheFormula() {
        Interval interval = Interval.ofMean(1, 2, 3, 4, 5); // s² = 2.5
        double half = 2.776445 * Math.sqrt(2.5 / 5);
        assertThat(interval.low()).isEqualTo(3 - half, within(1e-5));
        assertThat(interval.high()).isEqualTo(3 + half, within(1e-5));
    }

    @Test
    void oneValueHasNoInterval() {
        assertThatThrownBy(() -> Interval.ofMean(1)).hasMessage("an interval of a mean needs at least 2 values; got 1");
    }
}
