package dev.lapidary.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SetOverlapTest {
    @Test
    void comparesSetsAndMasksAlike() {
        SetOverlap sets = SetOverlap.of(Set.of(1, 2, 3), Set.of(2, 3, 4, 5));
        SetOverlap masks = SetOverlap.of(
                new boolean[] {false, true, true, true, false, false},
                new boolean[] {false, false, true, true, true, true});

        assertThat(sets).isEqualTo(masks).isEqualTo(new SetOverlap(2, 1, 2));
        assertThat(sets.precision()).isEqualTo(2.0 / 3);
        assertThat(sets.recall()).isEqualTo(0.5);
        assertThat(sets.f1()).isEqualTo(4.0 / 7);
        assertThat(sets.jaccard()).isEqualTo(0.4);
    }

    @Test
    void emptySetsAreEqualAndHaveNoPrecisionOrRecall() {
        SetOverlap none = SetOverlap.of(Set.of(), Set.of());
        SetOverlap nothingFound = SetOverlap.of(Set.of(), Set.of("a"));

        assertThat(none.f1()).isEqualTo(1);
        assertThat(none.jaccard()).isEqualTo(1);
        assertThat(none.precision()).isNaN();
        assertThat(none.recall()).isNaN();
        assertThat(nothingFound.f1()).isZero();
        assertThat(nothingFound.jaccard()).isZero();
        assertThat(nothingFound.precision()).isNaN();
        assertThat(nothingFound.recall()).isZero();
    }

    @Test
    void sumsAreMicroAverages() {
        SetOverlap sum = new SetOverlap(1, 0, 3).plus(new SetOverlap(2, 4, 0));

        assertThat(sum).isEqualTo(new SetOverlap(3, 4, 3));
        assertThat(sum.f1()).isEqualTo(6.0 / 13);
    }

    @Test
    void refusesMasksOfOtherItemsAndNegativeCounts() {
        assertThatThrownBy(() -> SetOverlap.of(new boolean[2], new boolean[3]))
                .hasMessage("found and truth must be of the same items, at least 1; got 2 and 3");
        assertThatThrownBy(() -> new SetOverlap(1, -1, 0)).hasMessage("counts must be at least 0; got 1, -1 and 0");
    }
}
