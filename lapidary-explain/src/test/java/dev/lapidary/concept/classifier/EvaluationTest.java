package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    void countsOverAllItemsAtOnce() {
        Evaluation e = Evaluation.of(new int[] {0, 0, 0, 1, 1, 2}, new int[] {0, 0, 1, 1, 2, 1}, 3);
        assertThat(e.accuracy()).isEqualTo(0.5, within(1e-12));
        // class 0: P 1, R 2/3; class 1: P 1/3, R 1/2; class 2: nothing right
        assertThat(e.macroF1()).isEqualTo((0.8 + 0.4 + 0) / 3, within(1e-12));
        assertThat(e.majority()).isEqualTo(0.5, within(1e-12));
        assertThat(e.confusion()).containsExactly(List.of(2, 1, 0), List.of(0, 1, 1), List.of(0, 1, 0));
    }

    @Test
    void aClassThatNeverOccursDoesNotCount() {
        Evaluation e = Evaluation.of(new int[] {0, 1}, new int[] {0, 1}, 5);
        assertThat(e.macroF1()).isEqualTo(1);
    }
}
