package dev.lapidary.systems.weights;

import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many steps of learning on a second text reach the perplexity that learning without a prior reaches at the end.
 *
 * <p>Each number of steps is a learning of its own, whose schedules end with it, since a mask is only good once its temperature has
 * fallen. No steps stand for the prior as it is. What the largest number does not reach counts as twice that number. All arms learn at
 * the rate that is best for learning without a prior.
 *
 * @param bench measures
 * @param budgets numbers of steps that are tried, rising, the last as in the other trials
 */
record TransferTrial(MaskBench bench, List<Long> budgets) implements Trial<LanguageProblem> {
    private static final String STEPS = "stepsToReach";
    private static final String TRANSFERRED = "first-text-prior";
    private static final String NO_PRIOR = "no-prior";

    @Override
    public String name() {
        return "transfer";
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> all = new TreeMap<>(bench.settings());
        all.put("budgets", new ArrayList<>(budgets));
        return all;
    }

    @Override
    public void prepare(long seed, Progress progress) {
        bench.problems().prepare(seed, progress);
    }

    @Override
    public LanguageProblem draw(long seed) {
        return bench.problems().draw(seed);
    }

    /** Chooses where learning starts. */
    @FunctionalInterface
    private interface Prior {
        @Nullable
        MaskSet of(LanguageProblem problem, long seed, Progress progress);
    }

    @Override
    public List<Arm<LanguageProblem>> arms() {
        return List.of(
                Arm.method(
                        TRANSFERRED,
                        runner((problem, seed, progress) -> bench.learned(problem, problem.first(), seed, progress))),
                Arm.baseline(NO_PRIOR, runner((problem, seed, progress) -> null)),
                Arm.control(
                        "random-prior", runner((problem, seed, progress) -> MaskMethods.random(problem.model(), seed))),
                Arm.reported(
                        "sparsegpt-prior",
                        runner((problem, seed, progress) -> bench.sparseGpt(problem, problem.last(), seed, progress))));
    }

    private Arm.Runner<LanguageProblem> runner(Prior choice) {
        return (problem, seed, progress) -> {
            double target = perplexity(problem, null, budgets.getLast(), seed, progress);
            MaskSet prior = choice.of(problem, seed, progress);
            for (long steps : budgets) {
                if (steps == 0 && prior == null) {
                    continue;
                }
                double reached = perplexity(problem, prior, steps, seed, progress);
                if (reached <= target) {
                    return outcome(steps, reached, target);
                }
            }
            return outcome(2 * budgets.getLast(), target, target);
        };
    }

    private static Outcome outcome(long steps, double reached, double target) {
        return Outcome.of(STEPS, steps).with("reached", reached).with("target", target);
    }

    /** Returns the perplexity after a learning on the second text. */
    private double perplexity(
            LanguageProblem problem, @Nullable MaskSet prior, long steps, long seed, Progress progress) {
        MaskSet masks;
        if (prior == null) {
            masks = bench.withoutPrior(problem, problem.last(), steps, seed, progress);
        } else if (steps == 0) {
            masks = prior;
        } else {
            double rate = bench.rateWithoutPrior(problem, seed, progress);
            masks = MaskMethods.learned(
                    problem.model(),
                    problem.last().learning(),
                    Optional.of(prior),
                    bench.methods().learning(steps, rate, seed),
                    progress);
        }
        return MaskBench.perplexity(problem, masks, problem.last().test());
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(Comparison.better(STEPS, Goal.LOW, TRANSFERRED, NO_PRIOR).inShares());
    }
}
