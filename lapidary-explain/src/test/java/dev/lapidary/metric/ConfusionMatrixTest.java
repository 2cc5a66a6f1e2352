package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    private final ConfusionMatrix counts =
            ConfusionMatrix.of(new int[] {0, 0, 0, 1, 1, 2}, new int[] {0, 0, 1, 1, 2, 1}, 4);

    @Test
    void figuresFollowFromTheCounts() {
        assertThat(counts.classes()).isEqualTo(4);
        assertThat(counts.count(0, 0)).isEqualTo(2);
        assertThat(counts.count(0, 1)).isEqualTo(1);
        assertThat(counts.count(1, 0)).isZero();
        assertThat(counts.accuracy()).isEqualTo(0.5);
        assertThat(counts.majority()).isEqualTo(0.5);
        // class 3 does not occur; class 0: P 1, R 2/3; class 1: P 1/3, R 1/2; class 2: nothing right
        assertThat(counts.balancedAccuracy()).isEqualTo((2.0 / 3 + 0.5) / 3, within(1e-15));
        assertThat(counts.macroF1()).isEqualTo((0.8 + 0.4 + 0) / 3, within(1e-15));
        assertThat(counts.meanJaccard()).isEqualTo((2.0 / 3 + 0.25 + 0) / 3, within(1e-15));
    }

    @Test
    void aClassIsComparedWithTheRest() {
        assertThat(counts.ofClass(1)).isEqualTo(new SetOverlap(1, 2, 1));
        assertThat(counts.ofClass(1).precision()).isEqualTo(1.0 / 3);
        assertThat(counts.ofClass(1).recall()).isEqualTo(0.5);
        assertThat(counts.ofClass(3).recall()).isNaN();
    }

    @Test
    void aClassThatIsPredictedButNeverOccursCostsRecallAlone() {
        ConfusionMatrix strange = ConfusionMatrix.of(new int[] {0, 0, 1, 1}, new int[] {0, 2, 1, 1}, 3);

        assertThat(strange.balancedAccuracy()).isEqualTo(0.75);
        assertThat(strange.macroF1()).isEqualTo((2.0 / 3 + 1) / 2, within(1e-15));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> ConfusionMatrix.of(new int[] {0, 1}, new int[] {0}, 2))
                .hasMessage("labels and predictions must be of the same items, at least 1; got 2 and 1");
        assertThatThrownBy(() -> ConfusionMatrix.of(new int[0], new int[0], 2)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> ConfusionMatrix.of(new int[] {0, -1}, new int[] {0, 0}, 2))
                .hasMessage("classes must be from 0 to 1; got -1 for item 1");
        assertThatThrownBy(() -> ConfusionMatrix.of(new int[] {0, 1}, new int[] {0, 2}, 2))
                .hasMessage("classes must be from 0 to 1; got 2 for item 1");
    }
}
