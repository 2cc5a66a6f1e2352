package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static double mean(double[] values, int[] times) {
        double sum = 0;
        double drawn = 0;
        for (int i = 0; i < times.length; i++) {
            sum += times[i] * values[i];
            drawn += times[i];
        }
        return sum / drawn;
    }

    @Test
    void theIntervalOfAMeanIsThatOfItsStandardError() {
        double[] values = new Random(2).doubles(400).toArray();
        double mean = mean(values, new Random(0).ints(400, 1, 2).toArray());
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double error = Math.sqrt(squares / 400 / 400);

        Interval interval = Bootstrap.interval(400, 9, times -> mean(values, times));

        assertThat(interval.low()).isEqualTo(mean - 1.96 * error, within(0.25 * error));
        assertThat(interval.high()).isEqualTo(mean + 1.96 * error, within(0.25 * error));
        assertThat(Bootstrap.interval(400, 9, times -> mean(values, times))).isEqualTo(interval);
        assertThat(Bootstrap.interval(400, 10, times -> mean(values, times))).isNotEqualTo(interval);
    }

    @Test
    void everyDrawHasAsManyItems() {
        int[] draws = {0};
        Bootstrap.resample(7, 1, times -> {
            draws[0]++;
            assertThat(Arrays.stream(times).sum()).isEqualTo(7);
        });
        assertThat(draws[0]).isEqualTo(Bootstrap.RESAMPLES);
    }

    @Test
    void refusesNoItems() {
        assertThatThrownBy(() -> Bootstrap.interval(0, 1, times -> 0))
                .hasMessage("there must be at least 1 item to draw; got 0");
    }
}
