package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.metric.CalibrationError.Bin;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationErrorTest {
    @Test
    void binsHoldAsManyItemsAndTheErrorIsTheirWeightedGap() {
        double[] confidences = {0.9, 0.6, 0.8, 0.5, 0.7, 1.0};
        boolean[] right = {true, false, false, true, true, true};

        CalibrationError error = CalibrationError.of(confidences, right, 3);

        assertThat(error.bins()).extracting(Bin::items).containsExactly(2, 2, 2);
        assertThat(error.bins().stream().mapToDouble(Bin::confidence).toArray())
                .containsExactly(new double[] {0.55, 0.75, 0.95}, within(1e-12));
        assertThat(error.bins()).extracting(Bin::right).containsExactly(0.5, 0.5, 1.0);
        assertThat(error.error()).isEqualTo((0.05 + 0.25 + 0.05) / 3, within(1e-12));
    }

    @Test
    void equalConfidencesStayInOneBinWhateverTheOrderOfTheItems() {
        double[] confidences = {0.5, 0.5, 0.5, 0.5, 0.5, 0.9};
        CalibrationError one =
                CalibrationError.of(confidences, new boolean[] {true, true, true, false, false, true}, 3);
        CalibrationError other =
                CalibrationError.of(confidences, new boolean[] {false, false, true, true, true, true}, 3);

        assertThat(one.bins()).extracting(Bin::items).containsExactly(5, 1);
        assertThat(one.error()).isEqualTo((5 * 0.1 + 0.1) / 6, within(1e-12)).isEqualTo(other.error(), within(1e-12));
    }

    @Test
    void moreBinsThanItemsMakeOneBinAnItem() {
        CalibrationError error = CalibrationError.of(new double[] {0.25, 0.75}, new boolean[] {true, true}, 7);

        assertThat(error.bins()).hasSize(2);
        assertThat(error.error()).isEqualTo((0.75 + 0.25) / 2, within(1e-12));
    }

    @Test
    void oneBinComparesTheMeans() {
        CalibrationError error =
                CalibrationError.of(new double[] {0.2, 0.4, 0.9}, new boolean[] {true, false, true}, 1);

        assertThat(error.error()).isEqualTo(2.0 / 3 - 0.5, within(1e-12));
    }

    @Test
    void theIntervalHoldsTheTruthAlthoughTheErrorItselfIsTooLarge() {
        for (double over : new double[] {0, 0.05, 0.2}) {
            int held = 0;
            int above = 0;
            for (int seed = 0; seed < 20; seed++) {
                CalibrationError found = drawn(600, over, seed);
                held += found.interval().contains(over) ? 1 : 0;
                above += found.error() > over ? 1 : 0;
                assertThat(found.error())
                        .isBetween(found.interval().low(), found.interval().high());
            }
            assertThat(held).as("of 20, off by %s", over).isGreaterThanOrEqualTo(17);
            if (over == 0) {
                assertThat(above).isEqualTo(20);
            }
        }
        Interval far = drawn(600, 0.2, 1).interval();
        assertThat(far.low()).isGreaterThan(0.05);
        assertThat(far.high() - far.low()).isLessThan(0.2);
    }

    /** Items that are right less often than their confidence says, by a constant. */
    private static CalibrationError drawn(int items, double over, long seed) {
        Random random = new Random(seed);
        double[] confidences = new double[items];
        boolean[] right = new boolean[items];
        for (int i = 0; i < items; i++) {
            confidences[i] = 0.5 + 0.5 * random.nextDouble();
            right[i] = random.nextDouble() < confidences[i] - over;
        }
        return CalibrationError.of(confidences, right);
    }

    @Test
    void theSameItemsHaveTheSameInterval() {
        assertThat(drawn(100, 0.1, 5)).isEqualTo(drawn(100, 0.1, 5));
    }

    @Test
    void refusesWhatIsNoConfidence() {
        assertThatThrownBy(() -> CalibrationError.of(new double[] {1.1}, new boolean[1]))
                .hasMessage("probabilities must be from 0 to 1; got 1.1 for item 0");
        assertThatThrownBy(() -> CalibrationError.of(new double[] {1}, new boolean[1], 0))
                .hasMessage("bins must be at least 1; got 0");
        assertThatThrownBy(() -> CalibrationError.of(new double[] {1}, new boolean[2]))
                .hasMessageContaining("same items");
    }
}
