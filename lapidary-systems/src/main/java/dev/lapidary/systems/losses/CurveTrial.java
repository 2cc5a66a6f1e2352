package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.CutCrossEntropy.Result;
import dev.lapidary.language.FilteredCrossEntropy;
import dev.lapidary.runtime.Progress;
import dev.lapidary.torch.Torch;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Curves of a training from random weights, with the filtered loss and with the ordinary one.
 *
 * @param training how
 * @param problems draws the texts of a seed
 * @param text what they are, for the settings
 */
record CurveTrial(CurveTraining training, LongFunction<CurveProblem> problems, String text)
        implements Trial<CurveProblem> {
    private static final String FILTERED = "filtered";
    private static final String ORDINARY = "ordinary";
    private static final String LAST = "perplexity";
    private static final String CURVE = "curvePerplexity";
    private static final double THRESHOLD = FilteredCrossEntropy.THRESHOLD;

    /** By what share of its perplexity the ordinary loss may be better, the catalogue's default. */
    private static final double MARGIN = 0.01;

    @Override
    public String name() {
        return "curves";
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> all = new TreeMap<>(Map.of("training", training.toString(), "text", text));
        all.put("threshold", Double.toString(THRESHOLD));
        return all;
    }

    @Override
    public CurveProblem draw(long seed) {
        return problems.apply(seed);
    }

    @Override
    public List<Arm<CurveProblem>> arms() {
        return List.of(
                Arm.method(FILTERED, runner(CurveTrial::filtered)),
                Arm.baseline(ORDINARY, runner(CurveTrial::ordinary)),
                Arm.control("random", runner(CurveTrial::random)),
                Arm.sabotage("hidden-gradient-cut", runner(CurveTrial::cut)),
                Arm.reported("filtered-hidden-only", runner(CurveTrial::hiddenOnly)));
    }

    private Arm.Runner<CurveProblem> runner(CurveTraining.Head head) {
        return (problem, seed, progress) -> {
            Torch.seed(seed);
            return outcome(training.run(problem, head, seed, progress));
        };
    }

    private static Outcome outcome(double[] losses) {
        double sum = 0;
        Outcome outcome = Outcome.of(LAST, Math.exp(losses[losses.length - 1]));
        for (double loss : losses) {
            sum += loss;
        }
        outcome = outcome.with(CURVE, Math.exp(sum / losses.length));
        for (int i = 0; i < losses.length; i++) {
            outcome = outcome.with("loss" + (i + 1), losses[i]);
        }
        return outcome;
    }

    private static Result ordinary(Tensor hidden, Tensor weight, Tensor targets) {
        return CutCrossEntropy.lossAndGradients(hidden, weight, targets, true);
    }

    private static Result filtered(Tensor hidden, Tensor weight, Tensor targets) {
        return FilteredCrossEntropy.lossAndGradients(hidden, weight, targets, true, THRESHOLD)
                .result();
    }

    /** As many elements as the filter keeps, on average, drawn evenly. */
    private static Result random(Tensor hidden, Tensor weight, Tensor targets) {
        try (var whole = new OrdinaryCrossEntropy(hidden.size(0), weight.size(0))) {
            return whole.lossAndGradients(hidden, weight, targets, RandomChoice.ofTheSameSize(THRESHOLD));
        }
    }

    /** Nothing passes the output layer, which alone learns. */
    private static Result cut(Tensor hidden, Tensor weight, Tensor targets) {
        Result whole = ordinary(hidden, weight, targets);
        return new Result(whole.loss(), torch.zeros_like(whole.hiddenGradient()), whole.weightGradient());
    }

    /** The paper's choice for training from random weights: the output weight's gradient is whole. */
    private static Result hiddenOnly(Tensor hidden, Tensor weight, Tensor targets) {
        Result whole = ordinary(hidden, weight, targets);
        Result some = FilteredCrossEntropy.lossAndGradients(hidden, weight, targets, false, THRESHOLD)
                .result();
        return new Result(whole.loss(), some.hiddenGradient(), Objects.requireNonNull(whole.weightGradient()));
    }

    @Override
    public List<Comparison> comparisons() {
        return List.of(
                Comparison.notWorse(LAST, Goal.LOW, FILTERED, ORDINARY, MARGIN).inShares(),
                Comparison.notWorse(CURVE, Goal.LOW, FILTERED, ORDINARY, MARGIN).inShares());
    }
}
