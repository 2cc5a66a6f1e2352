package dev.lapidary.language;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Future;

/**
 * A language model's steps of AdamW on the next token's cross-entropy.
 *
 * <p>Validation measures at most {@value #MOST_VALIDATION} tokens of the held-out part, in whole windows spread evenly over it: it
 * only says which weights are best, and must not cost more than the training.
 */
final class LanguageTrainer implements Trainable, AutoCloseable {
    static final String LOSS = "loss";

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-8;
    private static final int MOST_VALIDATION = 1 << 14; // tokens
    private static final double LEAST_RATE = 0.1; // of the top, at the end
    private static final int VALIDATION_BATCH = 8;
    private static final int PASS_TOKENS = 512; // fewer make products slow, more leave threads idle

    private final LanguageModel model;
    private final LanguageTrainingSettings settings;
    private final NextTokenLoss training;
    private final NextTokenLoss validation;
    private final int context;
    private final WindowOrder order;
    private final AdamW optimizer;
    private final Schedule rate;
    private final int passWindows;
    private final Microbatches<LanguageModel> passes;
    private long tokensSeen;

    /** Trains a model, which stays the caller's, on tokens. */
    LanguageTrainer(LanguageModel model, int[] tokens, int[] heldOut, LanguageTrainingSettings settings) {
        this.model = model;
        this.settings = settings;
        context = model.config().context();
        training = new NextTokenLoss(tokens, context);
        validation = new NextTokenLoss(heldOut, context);
        order = new WindowOrder(settings.seed(), tokens.length, context, settings.batch());
        optimizer = new AdamW(
                model.parameters().values(),
                new AdamSettings(BETA1, BETA2, EPSILON, settings.weightDecay()),
                settings.maxNorm());
        rate = Schedule.cosine(1, LEAST_RATE).times(settings.learningRate()).warmedUp(settings.warmUp());
        passWindows = windowsAPass(model, settings);
        passes = new Microbatches<>(model, Math.ceilDiv(settings.batch(), passWindows));
    }

    /** Returns how many tokens were trained on since this was made, unlike the steps none from before a resume. */
    long tokensSeen() {
        return tokensSeen;
    }

    /** How many windows a pass takes; the number of threads does not change it. */
    private static int windowsAPass(LanguageModel model, LanguageTrainingSettings settings) {
        return Microbatches.sideBySide(ParameterLayout.count(model.config()))
                ? Math.clamp(PASS_TOKENS / model.config().context(), 1, settings.batch())
                : settings.batch();
    }

    @Override
    public double step(long step) {
        int[] starts = order.starts(step);
        double loss = training.gradients(passes, starts, passWindows, true);
        optimizer.step(step + 1, rate.at(step, settings.steps()), passes.crew());
        tokensSeen += (long) starts.length * context;
        return loss;
    }

    @Override
    public Map<String, Double> validate(long step) {
        int windows = (validation.text().length - 1) / context;
        int measured = Math.min(windows, Math.max(1, MOST_VALIDATION / context));
        List<Future<Double>> losses = new ArrayList<>();
        double sum = 0;
        try (var crew = new TorchCrew(Torch.threads())) {
            for (int from = 0; from < measured; from += VALIDATION_BATCH) {
                int[] starts = new int[Math.min(VALIDATION_BATCH, measured - from)];
                for (int i = 0; i < starts.length; i++) {
                    starts[i] = (int) ((long) (from + i) * windows / measured) * context;
                }
                losses.add(crew.submit(() -> starts.length * validation.mean(model, starts)));
                if (from == 0) {
                    TorchCrew.result(losses.getFirst()); // it fills what the others only read
                }
            }
            for (Future<Double> loss : losses) {
                sum += TorchCrew.result(loss);
            }
        }
        return Map.of(LOSS, sum / measured);
    }

    @Override
    public List<TensorView> state() {
        return optimizer.state();
    }

    @Override
    public void restore(SavedState saved) {
        optimizer.restore(saved);
    }

    @Override
    public OptionalLong epoch(long step) {
        return OptionalLong.of(order.epoch(step));
    }

    @Override
    public void close() {
        passes.close();
        optimizer.close();
    }
}
