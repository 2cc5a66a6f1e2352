package dev.lapidary.contrast;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * Trains a CLIP-like pair of encoders: a residual image network from random weights, and a linear projection of a sentence encoder
 * that stays as it is.
 *
 * <p>What differs from CLIP: the text side is not trained from scratch, images may share captions ({@link ContrastiveLoss}), and
 * images are compared within pieces of a batch. The same pairs, settings and machine give the same bytes, interrupted or not, on any
 * number of threads.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al., Learning Transferable Visual Models From Natural Language
 *     Supervision, ICML 2021</a>
 */
public final class ContrastiveTraining {
    private static final long SPLIT = 0x5deece66dL; // so that held-out images are drawn apart from the order
    private static final int LOOKED_AT = 4096; // images for mean and deviation

    private ContrastiveTraining() {}

    /**
     * Trains.
     *
     * @param pairs which stay the caller's
     * @throws InputException where there are too few images, or all have the same caption
     * @throws java.util.concurrent.CancellationException where somebody asked to stop; with checkpoints everything is saved
     */
    public static TrainedEncoders train(
            ImageTextPairs pairs, ContrastiveSettings settings, Progress progress, Cancellation cancellation) {
        if (pairs.pixels().side() != settings.network().side()) {
            throw new IllegalArgumentException("images must have the network's side; got "
                    + pairs.pixels().side() + " and " + settings.network().side());
        }
        if (pairs.captions().size() < 2) {
            throw new InputException("images must have at least 2 different captions to be told apart; got "
                    + pairs.captions().size());
        }
        int[] all = new EpochOrder(settings.seed() ^ SPLIT, pairs.size(), 1).items(0);
        int apart = (int) Math.round(settings.heldOut() * all.length);
        if (apart < 1 || all.length - apart < settings.piece()) {
            throw new InputException("there must be images to hold out and at least " + settings.piece()
                    + " to train on; got " + all.length + " in all");
        }
        int[] heldOut = Arrays.copyOf(all, apart);
        int[] training = Arrays.copyOfRange(all, apart, all.length);
        ColourStatistics colours = ColourStatistics.of(pairs.pixels(), training, LOOKED_AT);
        try (var trainer = new ContrastiveTrainer(pairs, training, heldOut, colours.table(), settings)) {
            TrainingResult result =
                    TrainingLoop.run(trainer, plan(pairs, training.length, settings), progress, cancellation);
            cancellation.check();
            double precision =
                    Objects.requireNonNull(trainer.validate(result.steps()).get(ContrastiveTrainer.PRECISION));
            Map<String, Number> figures = Map.of(
                    "steps",
                    result.steps(),
                    "seconds",
                    result.seconds(),
                    "images",
                    training.length,
                    "heldOutImages",
                    heldOut.length,
                    "captions",
                    pairs.captions().size(),
                    "precision",
                    precision,
                    "imagesPerSecond",
                    trainer.imagesSeen() / result.seconds());
            return new TrainedEncoders(settings, trainer.weights(), trainer.text(), colours, figures);
        }
    }

    private static TrainingPlan plan(ImageTextPairs pairs, int training, ContrastiveSettings s) {
        long steps = ContrastiveTrainer.schedule(s).steps(training);
        TrainingPlan plan = TrainingPlan.of(steps, s.seed())
                .named("training the encoders")
                .validatingEvery(steps / s.epochs())
                .setting("network", s.network().toString())
                .setting("pairs", pairs.digest())
                .setting("batch", s.batch() + " in pieces of " + s.piece())
                .setting("learningRate", Double.toString(s.learningRate()))
                .setting("weightDecay", Double.toString(s.weightDecay()))
                .setting("mirror", Boolean.toString(s.mirror()))
                .setting("heldOut", Double.toString(s.heldOut()))
                .setting("products", s.products().toString());
        if (s.metrics().isPresent()) {
            plan = plan.metrics(s.metrics().get(), Math.max(1, steps / s.epochs() / 4));
        }
        return s.checkpoints().isPresent() ? plan.saving(s.checkpoints().get()) : plan;
    }
}
