package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.FilteredCrossEntropy;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Memory, time and exactness of one output layer's loss with both gradients, every side on one thread.
 *
 * @param sizes of the layer
 * @param compared how many tokens the gradients are compared on with those in float64
 * @param turns in each of which both sides are timed
 */
record HeadTrial(HeadProblem.Sizes sizes, int compared, int turns) implements Trial<HeadProblem> {
    private static final String FILTERED = "filtered";
    private static final String SCRATCH_RATIO = "scratchRatio";
    private static final String TIME_RATIO = "timeRatio";
    private static final String BOUND_SHARE = "boundShare";
    private static final double THRESHOLD = FilteredCrossEntropy.THRESHOLD;
    private static final double LEAST_RATIO = 100; // the row's
    private static final double MOST_TIME = 1.1; // the row's
    private static final double ROUNDING = 1e-2; // of the bound, float32

    @Override
    public String name() {
        return "head";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("sizes", sizes.toString(), "compared", compared, "turns", turns, "threshold", THRESHOLD + "");
    }

    @Override
    public HeadProblem draw(long seed) {
        return HeadProblem.draw(sizes, seed);
    }

    @Override
    public List<Arm<HeadProblem>> arms() {
        return List.of(
                Arm.method(FILTERED, this::filtered),
                Arm.baseline("ordinary", this::ordinary),
                Arm.control("random", this::random),
                Arm.reported("unfiltered-blocks", this::unfiltered));
    }

    private Outcome filtered(HeadProblem problem, long seed, Progress progress) {
        try (var scope = TorchScope.open()) {
            var run = filter(problem);
            double gradients = Float.BYTES * ((double) problem.hidden().numel() + problem.weight().numel());
            Outcome memory = Outcome.of(SCRATCH_RATIO, ordinaryBytes() / run.scratchBytes())
                    .with("scratchBytes", run.scratchBytes())
                    .with("totalBytes", run.scratchBytes() + gradients)
                    .with("keptShare", run.keptShare())
                    .with("loss", run.result().loss());
            HeadProblem some = problem.first(compared);
            return timed(bound(memory, some, filter(some).result()), problem, () -> filter(problem).result());
        }
    }

    private static FilteredCrossEntropy.Filtered filter(HeadProblem problem) {
        return FilteredCrossEntropy.lossAndGradients(
                problem.hidden(), problem.weight(), problem.targets(), true, THRESHOLD);
    }

    private static Outcome bound(Outcome outcome, HeadProblem some, CutCrossEntropy.Result result) {
        FilterBound bound = FilterBound.of(some, result, THRESHOLD);
        return outcome.with(BOUND_SHARE, Math.max(bound.hiddenShare(), bound.weightShare()))
                .with("hiddenBoundShare", bound.hiddenShare())
                .with("hiddenCosine", bound.hiddenCosine());
    }

    private double ordinaryBytes() {
        return (double) Float.BYTES * sizes.tokens() * sizes.vocabulary();
    }

    private Outcome ordinary(HeadProblem problem, long seed, Progress progress) {
        return Outcome.of(SCRATCH_RATIO, 1)
                .with("scratchBytes", ordinaryBytes())
                .with(BOUND_SHARE, 0)
                .withTimed(TIME_RATIO, 1);
    }

    /** As many probabilities as the filter keeps, on average, drawn evenly. */
    private Outcome random(HeadProblem problem, long seed, Progress progress) {
        try (var scope = TorchScope.open();
                var whole = new OrdinaryCrossEntropy(compared, sizes.vocabulary())) {
            HeadProblem some = problem.first(compared);
            Torch.seed(seed);
            var result = whole.lossAndGradients(
                    some.hidden(), some.weight(), some.targets(), RandomChoice.ofTheSameSize(THRESHOLD));
            return bound(Outcome.none(), some, result);
        }
    }

    private Outcome unfiltered(HeadProblem problem, long seed, Progress progress) {
        return timed(
                Outcome.none(),
                problem,
                () -> CutCrossEntropy.lossAndGradients(
                        problem.hidden(), problem.weight(), problem.targets(), true));
    }

    /** Adds the median over the turns of what a side takes, and of its ratio to the ordinary loss in the same turn. */
    private Outcome timed(Outcome outcome, HeadProblem problem, Supplier<CutCrossEntropy.Result> side) {
        double[] seconds = new double[turns];
        double[] ratios = new double[turns];
        try (var ordinary = new OrdinaryCrossEntropy(sizes.tokens(), sizes.vocabulary());
                var lease = Torch.oneThreadPerProduct()) {
            for (int turn = -1; turn < turns; turn++) { // the first one warms up
                double own = seconds(side);
                double other = seconds(() ->
                        ordinary.lossAndGradients(problem.hidden(), problem.weight(), problem.targets()));
                if (turn >= 0) {
                    seconds[turn] = own;
                    ratios[turn] = own / other;
                }
            }
        }
        return outcome.withTimed(TIME_RATIO, median(ratios)).withTimed("seconds", median(seconds));
    }

    private static double seconds(Supplier<CutCrossEntropy.Result> side) {
        try (var scope = TorchScope.open()) {
            long begin = System.nanoTime();
            side.get();
            return (System.nanoTime() - begin) * 1e-9;
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                Comparison.better("scratchBytes", Goal.LOW, FILTERED, "ordinary").inShares(),
                Comparison.atLeast(SCRATCH_RATIO, FILTERED, LEAST_RATIO),
                Comparison.atMost(TIME_RATIO, FILTERED, MOST_TIME),
                Comparison.atMost(BOUND_SHARE, FILTERED, 1 + ROUNDING));
    }
}
