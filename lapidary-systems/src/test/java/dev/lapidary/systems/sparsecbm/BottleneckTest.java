package dev.lapidary.systems.sparsecbm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.systems.sparsecbm.BottleneckFit.Result;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BottleneckTest {
    private static final float ROOT = (float) Math.sqrt(0.5);

    /** Two classes told apart by the first of four axes; the last three are noise that repeats. */
    private static ConceptProblem problem(int count) {
        float[][] vectors = new float[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 2;
            vectors[i] = new float[] {
                labels[i] == 0 ? 0.6f : -0.6f, 0.1f * (i % 3 - 1), 0.1f * (i % 5 - 2), 0.1f * (i % 7 - 3)
            };
        }
        Items items = new Items(vectors, labels);
        float[][] axes = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
        return new ConceptProblem(axes, new float[2][4], axes, items, items, items, () -> "");
    }

    @Test
    void scoresHaveMeanZeroAndDeviationOneOverTrainingItems() {
        Items train = new Items(new float[][] {{1, 0}, {0, 1}, {ROOT, ROOT}}, new int[] {0, 1, 1});
        Items other = new Items(new float[][] {{0, 1}}, new int[] {1});
        float[][] axes = {{1, 0}, {0, 0}};
        ConceptScores scores =
                ConceptScores.of(new ConceptProblem(axes, axes, axes, train, other, other, () -> ""), axes);
        double mean = (1 + 0 + ROOT) / 3.0;
        double deviation = Math.sqrt((Math.pow(1 - mean, 2) + mean * mean + Math.pow(ROOT - mean, 2)) / 3);
        assertThat(scores.train().values()[0]).isCloseTo((float) ((1 - mean) / deviation), within(1e-5f));
        assertThat(scores.test().values()[0]).isCloseTo((float) (-mean / deviation), within(1e-5f));
        assertThat(scores.train().values()[1]).as("a score that never varies").isZero();
    }

    @Test
    void onlySomeScoresKeepTheirColumns() {
        ConceptScores all = ConceptScores.of(problem(8), problem(8).concepts());
        ConceptScores some = all.only(new int[] {3, 0});
        assertThat(some.width()).isEqualTo(2);
        assertThat(some.test().values()[2]).isEqualTo(all.test().values()[7]);
        assertThat(some.test().values()[3]).isEqualTo(all.test().values()[4]);
    }

    @Test
    void necCountsWeightsOfConceptsInTheLayer() {
        float[] weights = {
            0.9f, 0, -0.4f, 0, 0.05f, 0, //
            0, 0.3f, 0, 0, 0, 0, //
            0.2f, -0.1f, 0.6f, 0, 0, 0.01f
        };
        boolean[] all = new boolean[6];
        Arrays.fill(all, true);
        var everything = new BottleneckSparsity(weights, all);
        assertThat(everything.nec()).isCloseTo(8 / 3.0, within(1e-12));
        assertThat(everything.active()).isEqualTo(5); // the fourth has no weight
        all[0] = false;
        assertThat(new BottleneckSparsity(weights, all).nec()).isCloseTo(6 / 3.0, within(1e-12));
        assertThat(new BottleneckSparsity(weights, all).active()).isEqualTo(4);
    }

    @Test
    void everyFormLearnsWhatOneConceptDecides() {
        ConceptScores scores = ConceptScores.of(problem(64), problem(64).concepts());
        for (BottleneckForm form : BottleneckForm.values()) {
            Result result = BottleneckFit.best(scores, form, 3);
            assertThat(result.accuracy()).as(form.name()).isEqualTo(100);
            assertThat(form.strengths()).as(form.name()).contains(result.strength());
        }
    }

    @Test
    void gatesLeaveOutConceptsAndCutGatesNone() {
        ConceptScores scores = ConceptScores.of(problem(64), problem(64).concepts());
        Result cut = BottleneckFit.best(scores, BottleneckForm.CUT_GATES, 3);
        assertThat(cut.kept()).containsOnly(true);
        Result gates = BottleneckFit.fit(scores, BottleneckForm.GATES, 3, 3);
        assertThat(gates.kept()[0]).as("the concept that decides").isTrue();
        assertThat(gates.active()).isLessThan(cut.active());
    }

    @Test
    void theSameSeedGivesTheSameResult() {
        ConceptScores scores = ConceptScores.of(problem(32), problem(32).concepts());
        Result first = BottleneckFit.best(scores, BottleneckForm.GATES, 5);
        Result again = BottleneckFit.best(scores, BottleneckForm.GATES, 5);
        assertThat(again.loss()).isEqualTo(first.loss());
        assertThat(again.kept()).isEqualTo(first.kept());
    }
}
