package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Torch;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;

/**
 * Trains a language model from random weights on a text and keeps the weights that are best on the text's held-out end.
 *
 * <p>AdamW (β 0.9 and 0.95), warm-up and cosine, clipped gradients, no dropout, the output layer's loss by {@link
 * CutCrossEntropy}. The same corpus, settings and machine give the same bytes, interrupted or not, for a model too large
 * for passes side by side ({@link Microbatches}) on the same number of threads.
 */
public final class LanguageTraining {
    private static final int MASK_GROUP = 8; // in-features of prunable weights are a multiple of it

    private LanguageTraining() {}

    /**
     * Trains a model on all but the end of a text, as {@link #train(Corpus, Corpus, ModelConfig, LanguageTrainingSettings, Progress,
     * Cancellation)} does.
     */
    public static TrainedModel train(
            Corpus corpus,
            ModelConfig config,
            LanguageTrainingSettings settings,
            Progress progress,
            Cancellation cancellation) {
        double heldOut = settings.heldOut();
        return train(corpus.first(1 - heldOut), corpus.last(heldOut), config, settings, progress, cancellation);
    }

    /**
     * Trains a model.
     *
     * @param training what is trained on
     * @param heldOut what tells which weights are best
     * @return the caller closes it
     * @throws InputException where a part is shorter than a window, or sizes cannot be masked
     * @throws java.util.concurrent.CancellationException where somebody asked to stop; with checkpoints everything is saved
     */
    public static TrainedModel train(
            Corpus training,
            Corpus heldOut,
            ModelConfig config,
            LanguageTrainingSettings settings,
            Progress progress,
            Cancellation cancellation) {
        requireMaskable(config);
        int shortest = config.context() + 1;
        if (heldOut.tokens().length < shortest) {
            throw new InputException("the held-out part must have at least " + shortest
                    + " tokens for a window; got " + heldOut.tokens().length
                    + " (a longer text, or a smaller --context)");
        }
        LanguageModel model = LanguageModel.create(config, settings.seed());
        try {
            TrainingResult result;
            double tokensPerSecond;
            try (var fast = TrainingProducts.in(settings.products(), model);
                    var trainer = new LanguageTrainer(model, training.tokens(), heldOut.tokens(), settings)) {
                result = TrainingLoop.run(trainer, plan(training, heldOut, config, settings), progress, cancellation);
                cancellation.check();
                tokensPerSecond = trainer.tokensSeen() / result.sessionSeconds();
            }
            PerplexityResult perplexity = Perplexity.measure(
                    model, heldOut.tokens(), Protocol.HF, config.context(), Perplexity.heldOut(progress), cancellation);
            return new TrainedModel(model, result, perplexity, training.tokens().length, tokensPerSecond);
        } catch (RuntimeException | Error failure) {
            model.close();
            throw failure;
        }
    }

    private static void requireMaskable(ModelConfig config) {
        if (config.width() % MASK_GROUP != 0 || config.mlpWidth() % MASK_GROUP != 0) {
            throw new InputException("width and MLP width must be multiples of " + MASK_GROUP
                    + ", the in-features of weights to be masked; got " + config.width() + " and "
                    + config.mlpWidth());
        }
    }

    /** The threads that the bytes depend on. */
    private static String threads(ModelConfig config) {
        long weights = ParameterLayout.count(config);
        return Microbatches.sideBySide(weights) ? "any" : Torch.operationThreads() + "+" + Torch.threads();
    }

    private static TrainingPlan plan(Corpus training, Corpus heldOut, ModelConfig config, LanguageTrainingSettings s) {
        return s.plan(training.tokens().length / config.context())
                .setting("model", ConfigJson.write(config))
                .setting("training", training.digest())
                .option("training", "--text")
                .setting("heldOut", heldOut.digest())
                .setting("threads", threads(config));
    }
}
