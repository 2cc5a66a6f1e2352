package dev.lapidary.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.trial.Comparison.Goal;
import org.junit.jupiter.api.Test;

class JudgementTest {
    private static Verdict better(double... differences) {
        return Judgement.of(Comparison.better("loss", Goal.LOW, "a", "b"), differences)
                .verdict();
    }

    private static Verdict notWorse(double... differences) {
        return Judgement.of(Comparison.notWorse("loss", Goal.LOW, "a", "b", 0.1), differences)
                .verdict();
    }

    @Test
    void betterNeedsAnIntervalAboveZero() {
        assertThat(better(0.9, 1, 1.1)).isEqualTo(Verdict.BETTER);
        assertThat(better(-1, 1, 1.2)).isEqualTo(Verdict.UNDECIDED);
        assertThat(better(-0.9, -1, -1.1)).isEqualTo(Verdict.WORSE);
    }

    @Test
    void notWorseNeedsAnIntervalAboveTheMargin() {
        assertThat(notWorse(-0.01, 0.01, 0)).isEqualTo(Verdict.NOT_WORSE);
        assertThat(notWorse(0.2, 0.21, 0.2)).isEqualTo(Verdict.BETTER);
        assertThat(notWorse(-0.3, 0.3, 0)).isEqualTo(Verdict.UNDECIDED); // no significant difference is no success
        assertThat(notWorse(-0.3, -0.31, -0.3)).isEqualTo(Verdict.WORSE);
    }

    @Test
    void intervalIsThatOfStudent() {
        Judgement judged = Judgement.of(Comparison.better("loss", Goal.LOW, "a", "b"), new double[] {1, 2, 3});
        assertThat(judged.difference()).isEqualTo(2);
        assertThat(judged.interval().high()).isEqualTo(2 + 4.302653 / Math.sqrt(3), within(1e-5));
    }

    @Test
    void differencesPointToTheGoodSide() {
        Outcome low = Outcome.of("loss", 2);
        Outcome high = Outcome.of("loss", 2.5);
        Comparison lower = Comparison.better("loss", Goal.LOW, "a", "b");
        assertThat(lower.difference(low, high)).isEqualTo(0.5);
        assertThat(lower.inShares().difference(low, high)).isEqualTo(0.2);
        assertThat(Comparison.better("loss", Goal.HIGH, "a", "b").difference(low, high))
                .isEqualTo(-0.5);
        assertThat(Comparison.atLeast("loss", "a", 1.5).difference(low, null)).isEqualTo(0.5);
        assertThat(Comparison.atMost("loss", "a", 1.5).difference(low, null)).isEqualTo(-0.5);
    }

    @Test
    void claimsAreChecked() {
        assertThatThrownBy(() -> Comparison.notWorse("loss", Goal.LOW, "a", "b", -1))
                .hasMessage("a margin must be finite and at least 0; got -1.0");
        assertThatThrownBy(() -> Comparison.better("loss", Goal.LOW, "a", "a"))
                .hasMessage("an arm is compared with another; got a twice");
        assertThatThrownBy(() -> Comparison.atLeast("loss", "a", 1).inShares())
                .hasMessage("a relative difference needs another arm; got none");
    }
}
