package dev.lapidary.train;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How a training ended.
 *
 * @param steps number of steps done, those before a resume included
 * @param bestMetric best value of the metric of {@link EarlyStopping}, where there was one
 * @param bestStep number of steps done when it was measured
 * @param stopped why it ended
 * @param seconds wall-clock seconds, those before a resume included
 * @param sessionSeconds wall-clock seconds of this call alone
 */
public record TrainingResult(
        long steps,
        OptionalDouble bestMetric,
        OptionalLong bestStep,
        Stopped stopped,
        double seconds,
        double sessionSeconds) {
    /** Why a training ended. */
    public enum Stopped {
        /** All steps are done. The trainable has the best state where the plan keeps one, else the last. */
        COMPLETED,
        /** The metric did not improve any more. The trainable has the best state. */
        EARLY,
        /** Somebody asked to stop. The trainable has the state of that moment; with a checkpoint folder it can be resumed. */
        CANCELLED
    }
}
