package dev.lapidary.contrast;

import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a pair of encoders is trained.
 *
 * @param network sizes of the image network
 * @param training how long and on what; the images of a piece are compared with all captions of their step
 * @param metrics file of JSON lines to write, four an epoch
 */
public record ContrastiveSettings(
        @Setting(key = "network", noted = true) NetworkShape network,
        ImageTraining training,
        @SameResult("it says where to write what was measured, not what is measured") Optional<Path> metrics)
        implements TrainingSettings {
    private static final int LINES = 4; // of metrics an epoch

    /** Returns the defaults: a network of half a million weights for images of 32 pixels, twenty epochs. */
    public static ContrastiveSettings defaults() {
        return new ContrastiveSettings(NetworkShape.defaults(), ImageTraining.defaults(), Optional.empty());
    }

    /** Returns these settings with another network. */
    public ContrastiveSettings withNetwork(NetworkShape newNetwork) {
        return Components.with(this, "network", newNetwork);
    }

    /** Returns these settings with another training. */
    public ContrastiveSettings withTraining(ImageTraining newTraining) {
        return Components.with(this, "training", newTraining);
    }

    /** Returns these settings with a file of metrics. */
    public ContrastiveSettings withMetrics(Path file) {
        return Components.with(this, "metrics", Optional.of(file));
    }

    @Override
    public TrainingPlan plan(int images) {
        TrainingPlan plan = training.plan("training the encoders", images)
                .settings(this)
                .setting("batch", training.pieceText());
        return metrics.map(file -> plan.metrics(file, Math.max(1, plan.validateEvery() / LINES)))
                .orElse(plan);
    }
}
