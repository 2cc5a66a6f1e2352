package dev.lapidary.contrast;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingSettings;
import java.util.Locale;

/**
 * How low-rank adapters of an image network are trained.
 *
 * @param where what gets adapters
 * @param rank r of the product of two matrices that is added to each weight; less where a weight has less
 * @param alpha the product is scaled by alpha / rank
 * @param training how long and on what; the losses over a batch couple the images of a piece
 */
public record AdapterSettings(
        @Setting(
                option = "adapters",
                key = "adapters",
                noted = true,
                help = "What gets adapters: every convolution and the projection, or the projection alone.")
        Where where,

        @Setting(noted = true, help = "Rank of an adapter.")
        int rank,

        @Setting(noted = true, help = "Adapters count alpha / rank times.")
        double alpha,

        ImageTraining training)
        implements TrainingSettings {
    private static final int MOST = 1024;

    /** What gets adapters. */
    public enum Where {
        /** Every convolution and the projection. */
        ALL,
        /** The projection alone: the published "last". */
        PROJECTION;

        /** Returns the name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Checks the values. */
    public AdapterSettings {
        Bounds.within("rank", rank, 1, MOST);
        if (!(alpha > 0 && alpha <= MOST)) {
            throw new InputException("alpha must be above 0 and at most " + MOST + "; got " + alpha);
        }
    }

    /** Returns the published rank and alpha of 8 on all weights, three epochs, no weight decay. */
    public static AdapterSettings defaults() {
        ImageTraining training =
                ImageTraining.defaults().withEpochs(3).withLearningRate(1e-3).withWeightDecay(0);
        return new AdapterSettings(Where.ALL, 8, 8, training);
    }

    /** Returns these settings with adapters of another place. */
    public AdapterSettings withWhere(Where newWhere) {
        return Components.with(this, "where", newWhere);
    }

    /** Returns these settings with another rank. */
    public AdapterSettings withRank(int newRank) {
        return Components.with(this, "rank", newRank);
    }

    /** Returns these settings with another scale. */
    public AdapterSettings withAlpha(double newAlpha) {
        return Components.with(this, "alpha", newAlpha);
    }

    /** Returns these settings with another training. */
    public AdapterSettings withTraining(ImageTraining newTraining) {
        return Components.with(this, "training", newTraining);
    }

    @Override
    public TrainingPlan plan(int images) {
        return training.plan("training adapters", images).settings(this).setting("batch", training.pieceText());
    }
}
