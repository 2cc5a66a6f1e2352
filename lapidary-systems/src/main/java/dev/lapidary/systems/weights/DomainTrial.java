package dev.lapidary.systems.weights;

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
    public void prepare(long seed, Progress progress) {
        bench.problems().prepare(seed, progress);
    }

    @Override
    public LanguageProblem draw(long seed) {
        return bench.problems().draw(seed);
    }

    @Override
    public List<Arm<LanguageProblem>> arms() {
        return List.of(
                Arm.method(CUSTOMISED, runner(bench::learned)),
                Arm.control("random", runner(bench::random)),
                Arm.sabotage("gradient-cut", runner(bench::cut)),
                Arm.reported(
                        "general-mask",
                        runner((problem, domain, seed, progress) ->
                                bench.learned(problem, problem.first(), seed, progress))),
                Arm.reported(
                        DENSE,
                        (problem, seed, progress) -> Outcome.of(
                                MaskBench.PERPLEXITY,
                                bench.dense(problem, problem.last().test()))));
    }

    private Arm.Runner<LanguageProblem> runner(MaskBench.Choice choice) {
        return (problem, seed, progress) -> {
            String before = problem.model().digest();
            MaskSet masks = choice.of(problem, problem.last(), seed, progress);
            return bench.measure(problem, masks, problem.last().test(), before);
        };
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(Comparison.notWorse(MaskBench.PERPLEXITY, Goal.LOW, CUSTOMISED, DENSE, MARGIN)
                .inShares());
    }
}
