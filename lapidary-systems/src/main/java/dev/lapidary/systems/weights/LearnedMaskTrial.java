package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.Magnitude;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.SparseGptUpdate;
import dev.lapidary.sparsity.Wanda;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;

/** Learned masks against one-shot masks on the same frozen weights, and against the dense model. */
record LearnedMaskTrial(MaskBench bench) implements Trial<LanguageProblem> {
    private static final String LEARNED = "learned";

    @Override
    public String name() {
        return "masks";
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
        MaskSet of(LanguageProblem problem, Corpus text, long seed, Progress progress);
    }

    @Override
    public List<Arm<LanguageProblem>> arms() {
        return List.of(
                Arm.method(LEARNED, runner(bench::learned)),
                Arm.baseline("magnitude", runner(oneShot(new Magnitude()))),
                Arm.baseline("wanda", runner(oneShot(new Wanda()))),
                Arm.baseline("sparsegpt", runner(bench::sparseGpt)),
                Arm.control("random", runner((problem, text, seed, progress) -> MaskMethods.random(problem.model(), seed))),
                Arm.sabotage("gradient-cut", runner(this::cut)),
                Arm.reported("learned-without-prior", this::withoutPrior),
                Arm.reported("sparsegpt-update", this::update),
                Arm.reported("dense", this::dense));
    }

    private Choice oneShot(OneShotMethod method) {
        return (problem, text, seed, progress) ->
                bench.methods().oneShot(method, problem.model(), text, seed, progress);
    }

    private MaskSet cut(LanguageProblem problem, Corpus text, long seed, Progress progress) {
        MaskSet prior = bench.sparseGpt(problem, text, seed, progress);
        return bench.methods().cut(problem.model(), text, prior, MaskMethods.STRENGTH, seed, progress);
    }

    private Arm.Runner<LanguageProblem> runner(Choice choice) {
        return (problem, seed, progress) -> {
            String before = problem.model().digest();
            Corpus text = problem.first().learning();
            MaskSet masks = choice.of(problem, text, seed, progress);
            MaskSet prior = bench.sparseGpt(problem, text, seed, progress);
            return bench.measure(problem, masks, problem.first().test(), before)
                    .with("flippedFromSparseGpt", MaskBench.differing(masks, prior));
        };
    }

    private Outcome update(LanguageProblem problem, long seed, Progress progress) {
        Corpus text = problem.first().learning();
        MaskSet masks = oneShot(new SparseGptUpdate()).of(problem, text, seed, progress);
        String before = problem.model().digest();
        return bench.measure(problem, masks, problem.first().test(), before);
    }

    private Outcome withoutPrior(LanguageProblem problem, long seed, Progress progress) {
        double perplexity = bench.withoutPrior(problem, problem.first(), bench.steps(), seed, progress);
        return Outcome.of(MaskBench.PERPLEXITY, perplexity);
    }

    private Outcome dense(LanguageProblem problem, long seed, Progress progress) {
        return Outcome.of(
                MaskBench.PERPLEXITY, bench.dense(problem, problem.first().test()));
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                better("magnitude"),
                better("wanda"),
                better("sparsegpt"),
                Comparison.atLeast(MaskBench.EXACT_GROUPS, LEARNED, 1),
                Comparison.atMost(MaskBench.CHANGED, LEARNED, 0));
    }

    private static Comparison better(String baseline) {
        return Comparison.better(MaskBench.PERPLEXITY, Goal.LOW, LEARNED, baseline).inShares();
    }
}
