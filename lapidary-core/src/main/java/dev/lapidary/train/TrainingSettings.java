package dev.lapidary.train;

import dev.lapidary.runtime.settings.Settings;

/** Settings of a training, which write all of its plan but what the data and the model decide. */
public interface TrainingSettings extends Settings {
    /**
     * Returns the plan of these settings; whoever trains adds digests of the model and the data.
     *
     * <p>Its identity changes with every component that changes the result, so that a checkpoint of other settings is refused.
     *
     * @param items how many items are trained on, which decides the steps where settings count epochs
     */
    TrainingPlan plan(int items);
}
