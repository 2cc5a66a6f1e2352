package dev.lapidary.systems.losses;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.NextTokenLoss;
import dev.lapidary.language.Perplexity;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.EpochOrder;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a small language model in at most one pass over a text, under some loss of the output layer.
 *
 * @param steps at most; fewer where the text ends
 * @param rate at the top of the schedule
 * @param batch windows of a step, each as long as the model's context
 * @param points how often the test text is measured, evenly spread, last after the last step
 */
record CurveTraining(long steps, double rate, int batch, int points) {
    private static final double WARM_UP = 0.05;

    /** The loss of the output layer and its gradients. */
    @FunctionalInterface
    interface Head {
        CutCrossEntropy.Result of(Tensor hidden, Tensor weight, Tensor targets);
    }

    /** Trains a model and returns its exact loss on the test text at each point [points], nats per token. */
    double[] run(LanguageModel model, LanguageProblem.Texts texts, Head head, long seed, Progress progress) {
        int context = model.config().context();
        int[] tokens = texts.learning().tokens();
        int windows = (tokens.length - 1) / context;
        EpochOrder order = new EpochOrder(seed, windows, batch);
        long all = Math.min(steps, order.stepsPerEpoch());
        Schedule schedule = Schedule.cosine(1, 0.1).times(rate).warmedUp(WARM_UP);
        NextTokenLoss loss = new NextTokenLoss(tokens, context);
        double[] losses = new double[points];
        try (AdamW optimizer = new AdamW(model.parameters().values(), new AdamSettings(0.9, 0.95, 1e-8, 0.1), 1);
                Progress.Task task = progress.start("training", all)) {
            int point = 0;
            for (long step = 0; step < all; step++) {
                step(model, loss, order.batch(step), head);
                optimizer.step(step + 1, schedule.at(step, all), null);
                task.advance(1);
                if ((step + 1) * points >= (point + 1) * all) {
                    losses[point++] = measure(model, texts.test().tokens());
                }
            }
        }
        return losses;
    }

    private void step(LanguageModel model, NextTokenLoss loss, int[] windows, Head head) {
        int[] starts = windows.clone();
        for (int i = 0; i < starts.length; i++) {
            starts[i] *= model.config().context();
        }
        try (var scope = TorchScope.open()) {
            Tensor hidden = model.hidden(loss.inputs(starts)); // [batch, context, width]
            Tensor weight = model.outputWeight();
            var result = head.of(hidden.detach().view(-1, weight.size(1)), weight, loss.targets(starts));
            result.backward(hidden);
            Microbatches.addGradient(weight, Objects.requireNonNull(result.weightGradient()));
        }
    }

    private double measure(LanguageModel model, int[] test) {
        int context = model.config().context();
        return Math.log(Perplexity.measure(model, test, Protocol.HF, context, Progress.silent(), Cancellation.none())
                .perplexity());
    }
}
