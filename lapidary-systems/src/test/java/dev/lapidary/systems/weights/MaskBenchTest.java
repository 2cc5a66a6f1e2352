package dev.lapidary.systems.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.systems.language.ChainProblems;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.trial.Outcome;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

class MaskBenchTest {
    private static final MaskMethods METHODS = new MaskMethods(4, List.of(8e-3), List.of(0.01), List.of(16));

    @Test
    void groupsAreCountedInWhatTheForwardPassReads() {
        float[] values = {1, 0, 0, 2, /**/ 1, 1, 1, 0, /**/ 0, 0, 0, 3, /**/ -1, 0, -2, 0};
        assertThat(MaskBench.exactGroups(values)).isEqualTo(2);
    }

    @Test
    void aMeasuredMaskLeavesTheModelAsItWasAndAChangedWeightIsSeen() {
        MaskBench bench = new MaskBench(new ChainProblems(1), METHODS, 1);
        try (LanguageProblem problem = bench.problems().draw(0)) {
            String before = problem.model().digest();
            MaskSet masks = MaskMethods.random(problem.model(), 2);
            Outcome outcome = bench.measure(problem, masks, problem.first().test(), before);
            double dense = bench.dense(problem, problem.first().test());
            assertThat(outcome.figure(MaskBench.EXACT_GROUPS)).isEqualTo(1);
            assertThat(outcome.figure(MaskBench.CHANGED)).isZero();
            assertThat(outcome.figure("gapToDense"))
                    .isEqualTo(outcome.figure(MaskBench.PERPLEXITY) / dense - 1, within(1e-12));
            assertThat(problem.model().digest()).isEqualTo(before);

            try (var scope = TorchScope.open();
                    var still = new NoGradGuard()) {
                problem.model().parameter(problem.model().prunable().getFirst()).mul_(new Scalar(2.0));
            }
            MaskSet after = MaskMethods.random(problem.model(), 2);
            assertThat(bench.measure(problem, after, problem.first().test(), before)
                            .figure(MaskBench.CHANGED))
                    .isEqualTo(1);
        }
    }

    /** What learning without a prior reaches after 2 steps, it reaches after 2 steps or 1; what is never reached counts double. */
    @Test
    void stepsToReachAreBudgetsOrTwiceTheLast() {
        TransferTrial trial = new TransferTrial(new MaskBench(new ChainProblems(1), METHODS, 2), List.of(0L, 1L, 2L));
        try (LanguageProblem problem = trial.draw(0)) {
            for (var arm : trial.arms()) {
                double steps = arm.runner().run(problem, 0, Progress.silent()).figure("stepsToReach");
                assertThat(steps)
                        .as(arm.name())
                        .isIn(arm.name().equals("no-prior") ? List.of(1.0, 2.0) : List.of(0.0, 1.0, 2.0, 4.0));
            }
        }
    }
}
