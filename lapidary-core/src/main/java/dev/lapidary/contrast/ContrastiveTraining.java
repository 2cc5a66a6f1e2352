package dev.lapidary.contrast;

import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.TrainingPlan;
import java.util.Map;

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
        Parts parts = settings.training().parts(pairs.size());
        ColourStatistics colours = ColourStatistics.of(pairs.pixels(), parts.training(), LOOKED_AT);
        try (var trainer = new ContrastiveTrainer(pairs, parts, colours.table(), settings)) {
            TrainingPlan plan = settings.plan(parts.training().length).setting("pairs", pairs.digest());
            Map<String, Number> figures = trainer.train(plan, progress, cancellation);
            figures.put("captions", pairs.captions().size());
            return new TrainedEncoders(
                    settings,
                    trainer.weights(),
                    trainer.text(),
                    colours,
                    new TrainedEncoders.Origin(figures, pairs.files(), pairs.report()));
        }
    }
}
