package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShareIntervalTest {
    @ParameterizedTest
    @CsvSource({ // by scipy.stats.beta.ppf
        "1, 2, 0.012579117093, 0.987420882907",
        "5, 10, 0.187086028447, 0.812913971553",
        "2, 9, 0.028144973478, 0.600093573716",
        "1, 1000, 0.000025317487, 0.005558924280",
        "999, 1000, 0.994441075720, 0.999974682513",
        "1234, 24000, 0.048656255179, 0.054286332661",
        "12000, 24000, 0.493653731629, 0.506346268371"
    })
    void endsAreQuantilesOfBetaDistributions(int count, int items, double low, double high) {
        Interval found = ShareInterval.of(count, items);

        assertThat(found.low()).isEqualTo(low, within(1e-10));
        assertThat(found.high()).isEqualTo(high, within(1e-10));
    }

    @Test
    void nothingAndAllHaveOneEndThatIsCertain() {
        assertThat(ShareInterval.of(0, 10).low()).isZero();
        assertThat(ShareInterval.of(0, 10).high()).isEqualTo(1 - Math.pow(0.025, 0.1), within(1e-12));
        assertThat(ShareInterval.of(10, 10).high()).isOne();
        assertThat(ShareInterval.of(10, 10).low()).isEqualTo(Math.pow(0.025, 0.1), within(1e-12));
    }

    @Test
    void countsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> ShareInterval.of(3, 2))
                .hasMessage("a count must be from 0 to the number of items, at least 1; got 3 of 2");
        assertThatThrownBy(() -> ShareInterval.of(0, 0)).hasMessageContaining("at least 1; got 0 of 0");
        assertThatThrownBy(() -> ShareInterval.of(-1, 5)).hasMessageContaining("got -1 of 5");
    }
}
