package dev.lapidary.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final List<Schedule> ALL = List.of(
            Schedule.constant(3),
            Schedule.linear(4, 0.05),
            Schedule.cosine(1, 0.1),
            Schedule.exponential(8, 0.5),
            Schedule.linear(1, 0).times(2),
            Schedule.cosine(1, 0).warmedUp(0.2));

    @Test
    void valuesFollowTheFormulas() {
        assertThat(Schedule.constant(3).at(7, 10)).isEqualTo(3);
        assertThat(Schedule.linear(4, 0.05).at(25, 100)).isCloseTo(3.0125, within(1e-12));
        assertThat(Schedule.cosine(1, 0.1).at(50, 100)).isCloseTo(0.55, within(1e-12));
        assertThat(Schedule.cosine(1, 0.1).at(25, 100)).isCloseTo(0.1 + 0.9 * (1 + Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(Schedule.exponential(8, 0.5).at(50, 100)).isCloseTo(2, within(1e-12));
        assertThat(Schedule.linear(1, 0).times(2).at(1, 4)).isEqualTo(1.5);
    }

    @Test
    void theFirstStepHasTheFirstValueAndTheEndTheLast() {
        assertThat(Schedule.linear(4, 0.05).at(0, 7)).isEqualTo(4);
        assertThat(Schedule.linear(4, 0.05).at(7, 7)).isEqualTo(0.05);
        assertThat(Schedule.cosine(4, 0.05).at(0, 7)).isEqualTo(4);
        assertThat(Schedule.cosine(4, 0.05).at(7, 7)).isEqualTo(0.05);
        assertThat(Schedule.exponential(4, 0.05).at(0, 7)).isEqualTo(4);
        assertThat(Schedule.exponential(4, 0.05).at(7, 7)).isEqualTo(0.05);
    }

    @Test
    void warmUpRisesToTheFirstValueAndLeavesTheRestToTheSchedule() {
        Schedule warmed = Schedule.linear(2, 1).warmedUp(0.2);
        assertThat(new double[] {warmed.at(0, 10), warmed.at(1, 10), warmed.at(2, 10), warmed.at(6, 10)})
                .containsExactly(1, 2, 2, 1.5);
        assertThat(warmed.at(10, 10)).isEqualTo(1);
        assertThat(Schedule.constant(5).warmedUp(0).at(0, 10)).isEqualTo(5); // the one step that there always is
        assertThat(Schedule.constant(5).warmedUp(1).at(4, 10)).isEqualTo(2.5);
        assertThat(Schedule.constant(5).warmedUp(1).at(10, 10)).isEqualTo(5);
    }

    /** The formulas that stood in four places before this one, bit for bit. */
    @Test
    void trainingsKeepTheBitsOfTheirRates() {
        for (long steps : new long[] {1, 2, 3, 19, 300, 1601}) {
            for (double top : new double[] {2e-3, 1e-3, 0.0123, 0.3}) {
                for (double share : new double[] {0.05, 0.3, 0.999}) {
                    Schedule language = Schedule.cosine(1, 0.1).times(top).warmedUp(share);
                    Schedule images = Schedule.cosine(1, 0).times(top).warmedUp(share);
                    for (long step = 0; step < steps; step++) {
                        assertThat(language.at(step, steps)).isEqualTo(language(step, steps, top, share));
                        assertThat(images.at(step, steps)).isEqualTo(images(step, steps, top, share));
                    }
                }
            }
            for (long step = 0; step < steps; step++) {
                double progress = (double) step / steps;
                assertThat(Schedule.linear(4, 0.05).at(step, steps)).isEqualTo(4 + progress * (0.05 - 4));
                assertThat(Schedule.linear(1, 0).times(1e-5).at(step, steps)).isEqualTo(1e-5 * (1 - progress));
                assertThat(Schedule.cosine(2e-3, 2e-4).at(step, steps))
                        .isEqualTo(2e-4 + (2e-3 - 2e-4) * (1 + Math.cos(Math.PI * progress)) / 2);
            }
        }
    }

    private static double language(long step, long steps, double top, double warmUp) {
        double rise = Math.max(1, Math.round(warmUp * steps));
        if (step < rise) {
            return top * (step + 1) / rise;
        }
        double progress = (step - rise) / Math.max(1, steps - rise);
        double cosine = 0.5 * (1 + Math.cos(Math.PI * progress));
        return top * (0.1 + (1 - 0.1) * cosine);
    }

    private static double images(long step, long steps, double top, double warmUp) {
        double rise = Math.max(1, Math.round(warmUp * steps));
        if (step < rise) {
            return top * (step + 1) / rise;
        }
        double progress = (step - rise) / Math.max(1, steps - rise);
        return top * 0.5 * (1 + Math.cos(Math.PI * progress));
    }

    @Test
    void aStepOutsideTheTrainingIsRefused() {
        for (Schedule schedule : ALL) {
            assertThatThrownBy(() -> schedule.at(-1, 10)).hasMessageContaining("got -1 of 10");
            assertThatThrownBy(() -> schedule.at(11, 10)).hasMessageContaining("got 11 of 10");
            assertThatThrownBy(() -> schedule.at(0, 0)).hasMessageContaining("got 0 of 0");
        }
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> Schedule.exponential(1, 0)).hasMessageContaining("got 1.0 and 0.0");
        assertThatThrownBy(() -> Schedule.constant(1).warmedUp(1.1)).hasMessageContaining("got 1.1");
        assertThatThrownBy(() -> Schedule.linear(Double.NaN, 0)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> Schedule.cosine(0, Double.POSITIVE_INFINITY)).hasMessageContaining("got Infinity");
    }
}
