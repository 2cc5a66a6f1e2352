package dev.lapidary.systems.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.FilteredCrossEntropy;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.junit.jupiter.api.Test;

class FilterBoundTest {
    private static final HeadProblem.Sizes SIZES = new HeadProblem.Sizes(20, 6000, 8);
    private static final double THRESHOLD = FilteredCrossEntropy.THRESHOLD;

    @Test
    void exactGradientsUseNothingOfTheBound() {
        try (var scope = TorchScope.open()) {
            HeadProblem problem = HeadProblem.draw(SIZES, 1);
            var exact = CutCrossEntropy.lossAndGradients(problem.hidden(), problem.weight(), problem.targets(), true);
            FilterBound bound = FilterBound.of(problem, exact, THRESHOLD);
            assertThat(bound.hiddenShare()).isLessThan(1e-3); // float32 against float64
            assertThat(bound.hiddenCosine()).isCloseTo(1, within(1e-6));
        }
    }

    /** A filter with a higher threshold breaks the bound of the lower one. */
    @Test
    void aCoarserFilterIsSeen() {
        try (var scope = TorchScope.open()) {
            HeadProblem problem = HeadProblem.draw(SIZES, 1);
            FilterBound fine = FilterBound.of(problem, filtered(problem, THRESHOLD), THRESHOLD);
            assertThat(Math.max(fine.hiddenShare(), fine.weightShare())).isBetween(1e-3, 1.0);
            FilterBound coarse = FilterBound.of(problem, filtered(problem, 16 * THRESHOLD), THRESHOLD);
            assertThat(Math.max(coarse.hiddenShare(), coarse.weightShare())).isGreaterThan(1);
        }
    }

    private static CutCrossEntropy.Result filtered(HeadProblem problem, double threshold) {
        return FilteredCrossEntropy.lossAndGradients(
                        problem.hidden(), problem.weight(), problem.targets(), true, threshold)
                .result();
    }

    /** The in-place loss of all logits at once is the cut one. */
    @Test
    void theOrdinaryLossIsTheSame() {
        try (var scope = TorchScope.open();
                var ordinary = new OrdinaryCrossEntropy(SIZES.tokens(), SIZES.vocabulary())) {
            HeadProblem problem = HeadProblem.draw(SIZES, 2);
            var cut = CutCrossEntropy.lossAndGradients(problem.hidden(), problem.weight(), problem.targets(), true);
            var whole = ordinary.lossAndGradients(problem.hidden(), problem.weight(), problem.targets());
            assertThat(whole.loss()).isCloseTo(cut.loss(), within(1e-5));
            assertThat(Tensors.toDoubles(whole.hiddenGradient()))
                    .containsExactly(Tensors.toDoubles(cut.hiddenGradient()), within(1e-5));
            assertThat(ordinary.bytes()).isEqualTo(4L * 20 * 6000);
        }
    }
}
