package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.app.command.Durations;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"0, 0 s", "30.6, 31 s", "89.4, 89 s", "90, 2 minutes", "660, 11 minutes", "36000, 600 minutes"})
    void secondsBelowAMinuteAndAHalfElseMinutes(double seconds, String text) {
        assertThat(Durations.text(seconds)).isEqualTo(text);
    }
}
