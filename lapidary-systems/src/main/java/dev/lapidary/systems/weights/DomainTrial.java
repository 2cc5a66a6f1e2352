package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;

/** A mask that is learned for one domain, on that domain, against the dense model: is the customised mask lossless? */
record DomainTrial(MaskBench bench) implements Trial<LanguageProblem> {
    private static final String CUSTOMISED = "domain-mask";
    private static final String DENSE = "dense";

    /** By what share of its perplexity the dense model may be better, the catalogue's default. */
    private static final double MARGIN = 0.01;

    @Override
    public String name() {
        return "domain";
    }

    @Override
    public Map<String, Object> settings() {
        return bench.settings();
    }

    @Override
    public LanguageProblem draw(long seed) {
        return bench.problems().draw(seed);
    }

    /** Chooses a mask. */
    @FunctionalInterface
    private interface Choice {
        MaskSet of(LanguageProblem problem, long seed, Progress progress);
    }

    @Override
    public List<Arm<LanguageProblem>> arms() {
        return List.of(
                Arm.method(CUSTOMISED, runner((problem, seed, progress) -> bench.learned(
                        problem, problem.last().learning(), seed, progress))),
                Arm.control("random", runner((problem, seed, progress) -> MaskMethods.random(problem.model(), seed))),
                Arm.sabotage("gradient-cut", runner(this::cut)),
                Arm.reported("general-mask", runner((problem, seed, progress) -> bench.learned(
                        problem, problem.first().learning(), seed, progress))),
                Arm.reported(DENSE, (problem, seed, progress) -> Outcome.of(
                        MaskBench.PERPLEXITY, bench.dense(problem, problem.last().test()))));
    }

    private MaskSet cut(LanguageProblem problem, long seed, Progress progress) {
        Corpus text = problem.last().learning();
        MaskSet prior = bench.sparseGpt(problem, text, seed, progress);
        return bench.methods().cut(problem.model(), text, prior, MaskMethods.STRENGTH, seed, progress);
    }

    private Arm.Runner<LanguageProblem> runner(Choice choice) {
        return (problem, seed, progress) -> {
            String before = problem.model().digest();
            MaskSet masks = choice.of(problem, seed, progress);
            return bench.measure(problem, masks, problem.last().test(), before);
        };
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(Comparison.notWorse(MaskBench.PERPLEXITY, Goal.LOW, CUSTOMISED, DENSE, MARGIN)
                .inShares());
    }
}
