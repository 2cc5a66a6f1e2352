package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import java.nio.file.Path;

/**
 * Where and how often a training saves itself. It always saves when it ends or is cancelled, and goes on from the folder's
 * last checkpoint where there is one.
 *
 * @param folder one folder for one training; created where it is missing
 * @param everySteps number of steps between two checkpoints, 0 for none
 * @param everySeconds wall-clock seconds between two checkpoints, 0 for none; when they are written does not change the result
 */
public record Checkpointing(Path folder, long everySteps, double everySeconds) {
    private static final double DEFAULT_SECONDS = 60;

    /** Checks the values. */
    public Checkpointing {
        if (everySteps < 0) {
            throw new InputException("everySteps must not be negative; got " + everySteps);
        }
        if (!(everySeconds >= 0 && Double.isFinite(everySeconds))) {
            throw new InputException("everySeconds must be finite and not negative; got " + everySeconds);
        }
    }

    /** Saves once a minute. */
    public static Checkpointing in(Path folder) {
        return new Checkpointing(folder, 0, DEFAULT_SECONDS);
    }

    /** Saves after every {@code steps} steps. */
    public static Checkpointing in(Path folder, long steps) {
        return new Checkpointing(folder, steps, 0);
    }
}
