package dev.lapidary.relax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScheduleTest {
    @Test
    void valuesFollowTheFormulas() {
        assertThat(new Schedule.Constant(3).value(0.7)).isEqualTo(3);
        assertThat(new Schedule.Linear(4, 0.05).value(0)).isEqualTo(4);
        assertThat(new Schedule.Linear(4, 0.05).value(0.25)).isCloseTo(3.0125, within(1e-12));
        assertThat(new Schedule.Linear(4, 0.05).value(1)).isEqualTo(0.05);
        var exponential = new Schedule.Exponential(8, 0.5);
        assertThat(exponential.value(0)).isEqualTo(8);
        assertThat(exponential.value(0.5)).isCloseTo(2, within(1e-12));
        assertThat(exponential.value(1)).isEqualTo(0.5);
    }

    @Test
    void cosineWarmsUpThenFalls() {
        var cosine = new Schedule.Cosine(1, 0.1, 0.2);
        assertThat(cosine.value(0)).isZero();
        assertThat(cosine.value(0.1)).isCloseTo(0.5, within(1e-12));
        assertThat(cosine.value(0.2)).isCloseTo(1, within(1e-12));
        assertThat(cosine.value(0.6)).isCloseTo(0.55, within(1e-12));
        assertThat(cosine.value(1)).isCloseTo(0.1, within(1e-12));
        assertThat(new Schedule.Cosine(1, 0, 0).value(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
    void progressOutsideTheRunIsRefused(double progress) {
        for (Schedule schedule : new Schedule[] {
            new Schedule.Constant(1),
            new Schedule.Linear(1, 0),
            new Schedule.Cosine(1, 0, 0.1),
            new Schedule.Exponential(1, 0.1)
        }) {
            assertThatThrownBy(() -> schedule.value(progress)).hasMessageContaining("got " + progress);
        }
    }

    @Test
    void badSettingsAreNamed() {
        assertThatThrownBy(() -> new Schedule.Exponential(1, 0)).hasMessageContaining("got 1.0 and 0.0");
        assertThatThrownBy(() -> new Schedule.Cosine(1, 0, 1)).hasMessageContaining("got 1.0");
        assertThatThrownBy(() -> new Schedule.Linear(Double.NaN, 0)).hasMessageContaining("got NaN");
    }
}
