package dev.lapidary.systems.weights;

import dev.lapidary.language.Corpus;
import dev.lapidary.runtime.Progress;
import dev.lapidary.sparsity.Magnitude;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotSettings;
import dev.lapidary.sparsity.SparseGptUpdate;
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
                Arm.method(
                        LEARNED,
                        (problem, seed, progress) -> measured(bench::learned, problem, seed, progress)
                                .with("rate", bench.rate(problem, seed, progress))),
                Arm.baseline("magnitude", runner(this::magnitude)),
                Arm.baseline(
                        "wanda",
                        (problem, seed, progress) -> measured(bench::wanda, problem, seed, progress)
                                .with("windows", bench.windows(problem, seed, progress))),
                Arm.baseline(
                        "sparsegpt",
                        (problem, seed, progress) -> measured(bench::sparseGpt, problem, seed, progress)
                                .with("damp", bench.damp(problem, seed, progress))),
                Arm.control("random", runner(bench::random)),
                Arm.sabotage("gradient-cut", runner(bench::cut)),
                Arm.reported(
                        "learned-without-prior",
                        (problem, seed, progress) -> measured(this::withoutPrior, problem, seed, progress)
                                .with("rate", bench.rateWithoutPrior(problem, seed, progress))),
                Arm.reported("sparsegpt-update", this::update),
                Arm.reported("dense", this::dense));
    }

    private Arm.Runner<LanguageProblem> runner(MaskBench.Choice choice) {
        return (problem, seed, progress) -> measured(choice, problem, seed, progress);
    }

    private Outcome measured(MaskBench.Choice choice, LanguageProblem problem, long seed, Progress progress) {
        String before = problem.model().digest();
        MaskSet masks = choice.of(problem, problem.first(), seed, progress);
        MaskSet prior = bench.sparseGpt(problem, problem.first(), seed, progress);
        return bench.measure(problem, masks, problem.first().test(), before)
                .with("flippedFromSparseGpt", MaskBench.differing(masks, prior));
    }

    private MaskSet magnitude(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        OneShotSettings nothing = bench.methods().calibrated(1, seed);
        return MaskMethods.oneShot(new Magnitude(), problem.model(), domain.learning(), nothing, progress);
    }

    private MaskSet withoutPrior(LanguageProblem problem, LanguageProblem.Texts domain, long seed, Progress progress) {
        return bench.withoutPrior(problem, domain, bench.steps(), seed, progress);
    }

    private Outcome update(LanguageProblem problem, long seed, Progress progress) {
        Corpus text = problem.first().learning();
        OneShotSettings how = bench.methods().damped(bench.damp(problem, seed, progress), seed);
        MaskSet masks = MaskMethods.oneShot(new SparseGptUpdate(), problem.model(), text, how, progress);
        String before = problem.model().digest();
        return bench.measure(problem, masks, problem.first().test(), before);
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
        return Comparison.better(MaskBench.PERPLEXITY, Goal.LOW, LEARNED, baseline)
                .inShares();
    }
}
