package dev.lapidary.systems.weights;

import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.language.ChainProblems;
import dev.lapidary.systems.language.LanguageProblem;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What holds for learned masks whatever the seed. */
final class MaskIdentities {
    private static final double RATE = 8e-3;
    private static final MaskMethods METHODS = new MaskMethods(4, List.of(RATE), List.of(0.01), List.of(16));
    private static final long STEPS = 4;
    private static final double STRONG = 30; // standard deviations: beyond any noise

    private MaskIdentities() {}

    static List<Identity> all() {
        return List.of(
                identity("every group of 4 keeps exactly 2 weights: share of groups that do not", problem -> {
                    MaskSet masks = learned(problem);
                    return 1 - MaskBench.exactGroups(problem.model(), masks);
                }),
                identity("learning leaves every bit of the weights as it was: parameters that changed", problem -> {
                    String before = problem.model().digest();
                    learned(problem);
                    return problem.model().digest().equals(before) ? 0 : 1;
                }),
                identity("without a gradient the mask is a strong prior: share of entries that differ", problem -> {
                    MaskSet prior = MaskMethods.random(problem.model(), 1);
                    MaskSet cut = METHODS.cut(
                            problem.model(), problem.first().learning(), prior, STRONG, 1, Progress.silent());
                    return MaskBench.differing(cut, prior);
                }));
    }

    private static MaskSet learned(LanguageProblem problem) {
        return MaskMethods.learned(
                problem.model(),
                problem.first().learning(),
                Optional.empty(),
                METHODS.learning(STEPS, RATE, 1),
                Progress.silent());
    }

    private static Identity identity(String name, ToDoubleFunction<LanguageProblem> error) {
        return new Identity(name, 0, () -> {
            try (LanguageProblem problem = new ChainProblems(1).draw(0)) {
                return error.applyAsDouble(problem);
            }
        });
    }
}
