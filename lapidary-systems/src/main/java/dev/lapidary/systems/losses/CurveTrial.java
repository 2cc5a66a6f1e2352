package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.CutCrossEntropy.Result;
import dev.lapidary.language.FilteredCrossEntropy;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.systems.language.LanguageProblems;
import dev.lapidary.torch.Torch;
import dev.lapidary.trial.Arm;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Comparison.Goal;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Trial;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Curves of a training with the filtered loss and with the ordinary one.
 *
 * <p>As in the paper, fine-tuning filters both gradients, and pretraining filters the gradient of the hidden states alone: a rare token's
 * weights learn from small probabilities while a model knows nothing.
 *
 * @param stage from which weights and on which texts
 * @param training how
 * @param problems where trained models and texts come from
 */
record CurveTrial(Stage stage, CurveTraining training, LanguageProblems problems) implements Trial<CurveStart> {
    private static final String FILTERED = "filtered";
    private static final String HIDDEN_ONLY = "filtered-hidden-only";
    private static final String ORDINARY = "ordinary";
    private static final String LAST = "perplexity";
    private static final String CURVE = "curvePerplexity";
    private static final double THRESHOLD = FilteredCrossEntropy.THRESHOLD;

    /** By what share of its perplexity the ordinary loss may be better, the catalogue's default. */
    private static final double MARGIN = 0.01;

    /** From which weights and on which texts a model is trained. */
    enum Stage {
        /** From random weights, on the first domain. */
        PRETRAINING,
        /** From the weights of a trained model, on the last domain, which it has not seen. */
        FINE_TUNING
    }

    @Override
    public String name() {
        return stage.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> all = new TreeMap<>(problems.settings());
        all.put("training", training.toString());
        all.put("threshold", Double.toString(THRESHOLD));
        return all;
    }

    @Override
    public void prepare(long seed, Progress progress) {
        problems.prepare(seed, progress);
    }

    @Override
    public CurveStart draw(long seed) {
        LanguageProblem problem = problems.draw(seed);
        if (stage == Stage.FINE_TUNING) {
            return new CurveStart(problem.model(), problem.last());
        }
        try (problem) {
            return new CurveStart(LanguageModel.create(problem.model().config(), seed), problem.first());
        }
    }

    @Override
    public List<Arm<CurveStart>> arms() {
        var filtered = runner(CurveTrial::filtered);
        var hiddenOnly = runner(CurveTrial::hiddenOnly);
        var ordinary = Arm.baseline(ORDINARY, runner(CurveTrial::ordinary));
        var cut = Arm.sabotage("hidden-gradient-cut", runner(CurveTrial::cut));
        return switch (stage) {
            case PRETRAINING ->
                List.of(
                        Arm.method(HIDDEN_ONLY, hiddenOnly),
                        ordinary,
                        Arm.control("random-hidden-only", runner(CurveTrial::randomHiddenOnly)),
                        cut,
                        Arm.reported(FILTERED, filtered));
            case FINE_TUNING ->
                List.of(
                        Arm.method(FILTERED, filtered),
                        ordinary,
                        Arm.control("random", runner(CurveTrial::random)),
                        cut,
                        Arm.reported(HIDDEN_ONLY, hiddenOnly));
        };
    }

    private Arm.Runner<CurveStart> runner(CurveTraining.Head head) {
        return (start, seed, progress) -> {
            Torch.seed(seed);
            try (LanguageModel model = start.copy()) {
                return outcome(training.run(model, start.texts(), head, seed, progress));
            }
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

    /** The paper's choice for training from random weights: the output weight's gradient is whole. */
    private static Result hiddenOnly(Tensor hidden, Tensor weight, Tensor targets) {
        Result some = FilteredCrossEntropy.lossAndGradients(hidden, weight, targets, false, THRESHOLD)
                .result();
        return withHidden(ordinary(hidden, weight, targets), some.hiddenGradient());
    }

    /** As many elements as the filter keeps, on average, drawn evenly. */
    private static Result random(Tensor hidden, Tensor weight, Tensor targets) {
        try (var whole = new OrdinaryCrossEntropy(hidden.size(0), weight.size(0))) {
            return whole.lossAndGradients(hidden, weight, targets, RandomChoice.ofTheSameSize(THRESHOLD));
        }
    }

    private static Result randomHiddenOnly(Tensor hidden, Tensor weight, Tensor targets) {
        Result some = random(hidden, weight, targets);
        return withHidden(ordinary(hidden, weight, targets), some.hiddenGradient());
    }

    /** Nothing passes the output layer, which alone learns. */
    private static Result cut(Tensor hidden, Tensor weight, Tensor targets) {
        Result whole = ordinary(hidden, weight, targets);
        return withHidden(whole, torch.zeros_like(whole.hiddenGradient()));
    }

    private static Result withHidden(Result whole, Tensor hiddenGradient) {
        return new Result(whole.loss(), hiddenGradient, Objects.requireNonNull(whole.weightGradient()));
    }

    @Override
    public List<Comparison> comparisons() {
        String method = stage == Stage.PRETRAINING ? HIDDEN_ONLY : FILTERED;
        return List.of(
                Comparison.notWorse(LAST, Goal.LOW, method, ORDINARY, MARGIN).inShares(),
                Comparison.notWorse(CURVE, Goal.LOW, method, ORDINARY, MARGIN).inShares());
    }
}
