package dev.lapidary.language;

import dev.lapidary.runtime.file.TensorView;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import dev.lapidary.train.Trainable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

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
    private final int[] tokens;
    private final int[] heldOut;
    private final int context;
    private final WindowOrder order;
    private final FlatAdamW optimizer;
    private final int passWindows;
    private final TrainingPasses passes;
    private long tokensSeen;

    /** Trains a model, which stays the caller's, on tokens. */
    LanguageTrainer(LanguageModel model, int[] tokens, int[] heldOut, LanguageTrainingSettings settings) {
        this(model, tokens, heldOut, settings, BETA2);
    }

    /** As above with another decay of the second moment. */
    LanguageTrainer(LanguageModel model, int[] tokens, int[] heldOut, LanguageTrainingSettings settings, double beta2) {
        this.model = model;
        this.settings = settings;
        this.tokens = tokens;
        this.heldOut = heldOut;
        context = model.config().context();
        order = new WindowOrder(settings.seed(), tokens.length, context, settings.batch());
        optimizer = new FlatAdamW(
                model.parameters().values(),
                new FlatAdamW.Settings(BETA1, beta2, EPSILON, settings.weightDecay(), settings.maxNorm()));
        passWindows = windowsAPass(model, settings);
        passes = new TrainingPasses(model, (settings.batch() + passWindows - 1) / passWindows);
    }

    /** Returns how many tokens were trained on since this was made, unlike the steps none from before a resume. */
    long tokensSeen() {
        return tokensSeen;
    }

    /** How many windows a pass takes: whatever the number of threads, so many. */
    private static int windowsAPass(LanguageModel model, LanguageTrainingSettings settings) {
        return TrainingPasses.sideBySide(ParameterLayout.count(model.config()))
                ? Math.clamp(PASS_TOKENS / model.config().context(), 1, settings.batch())
                : settings.batch();
    }

    @Override
    public double step(long step) {
        int[] starts = order.starts(step);
        int count = (starts.length + passWindows - 1) / passWindows;
        double loss = passes.run(count, (worker, index) -> {
            int from = index * passWindows;
            return pass(
                    worker,
                    Arrays.copyOfRange(starts, from, Math.min(starts.length, from + passWindows)),
                    starts.length);
        });
        optimizer.step(step + 1, rate(step), passes.crew());
        tokensSeen += (long) starts.length * context;
        return loss;
    }

    /** Adds the gradients of some of a step's windows; returns their part of the loss. */
    private double pass(LanguageModel worker, int[] starts, int all) {
        try (var scope = TorchScope.open()) {
            double share = (double) starts.length / all;
            Tensor hidden = worker.hidden(windows(tokens, starts, 0)); // [windows, context, width]
            Tensor weight = worker.outputWeight();
            var result = CutCrossEntropy.lossAndGradients(flat(hidden), weight, targets(tokens, starts), true)
                    .times(share);
            result.backward(hidden);
            result.addWeightGradient(weight);
            return result.loss();
        }
    }

    /** The learning rate of a step, from 0: up in a straight line, then down by half a cosine. */
    private double rate(long step) {
        double rise = Math.max(1, Math.round(settings.warmUp() * settings.steps()));
        if (step < rise) {
            return settings.learningRate() * (step + 1) / rise;
        }
        double progress = (step - rise) / Math.max(1, settings.steps() - rise);
        double cosine = 0.5 * (1 + Math.cos(Math.PI * progress));
        return settings.learningRate() * (LEAST_RATE + (1 - LEAST_RATE) * cosine);
    }

    @Override
    public Map<String, Double> validate(long step) {
        int windows = (heldOut.length - 1) / context;
        int measured = Math.min(windows, Math.max(1, MOST_VALIDATION / context));
        List<Future<Double>> losses = new ArrayList<>();
        double sum = 0;
        try (var crew = new TorchCrew(Torch.threads())) {
            for (int from = 0; from < measured; from += VALIDATION_BATCH) {
                int[] starts = new int[Math.min(VALIDATION_BATCH, measured - from)];
                for (int i = 0; i < starts.length; i++) {
                    starts[i] = (int) ((long) (from + i) * windows / measured) * context;
                }
                losses.add(crew.submit(() -> starts.length * loss(starts)));
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

    private double loss(int[] starts) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor hidden = model.hidden(windows(heldOut, starts, 0));
            return CutCrossEntropy.loss(flat(hidden), model.outputWeight(), targets(heldOut, starts));
        }
    }

    private Tensor flat(Tensor hidden) {
        return hidden.detach().view(-1, hidden.size(2));
    }

    private Tensor targets(int[] text, int[] starts) {
        return windows(text, starts, 1).view(-1);
    }

    /** Tokens [windows, context] from so many places behind each start. */
    private Tensor windows(int[] text, int[] starts, int behind) {
        long[] values = new long[starts.length * context];
        for (int i = 0; i < starts.length; i++) {
            for (int j = 0; j < context; j++) {
                values[i * context + j] = text[starts[i] + behind + j];
            }
        }
        return Tensors.of(values, starts.length, context);
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
