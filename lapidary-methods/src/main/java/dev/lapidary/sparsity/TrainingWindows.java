package dev.lapidary.sparsity;

import dev.lapidary.language.NextTokenLoss;
import dev.lapidary.runtime.InputException;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;

/**
 * A text cut into windows that are drawn without replacement, and its last part, which is only measured on.
 *
 * <p>Which windows a step sees is a function of seed and step.
 */
final class TrainingWindows {
    private static final double VALIDATION_SHARE = 0.05;
    private static final int MOST_VALIDATION_WINDOWS = 32;

    private final NextTokenLoss loss;
    private final int validationWindows;
    private final EpochOrder order;
    private final int batch;
    private final int windows;

    TrainingWindows(int[] tokens, int length, int batch, long seed) {
        int all = (tokens.length - 1) / length;
        validationWindows = Math.clamp((long) (all * VALIDATION_SHARE), 1, MOST_VALIDATION_WINDOWS);
        windows = all - validationWindows;
        if (windows < 1) {
            throw new InputException("the text to learn from must hold at least 2 windows of " + length
                    + " tokens; got " + tokens.length + " tokens");
        }
        loss = new NextTokenLoss(tokens, length);
        this.batch = Math.min(batch, windows);
        order = new EpochOrder(seed, windows, this.batch);
    }

    /** Returns how many windows training draws from. */
    int windows() {
        return windows;
    }

    /** Returns how many windows one step takes. */
    int batch() {
        return batch;
    }

    /** Returns how many inputs a window has. */
    int length() {
        return loss.length();
    }

    /** Returns the loss of the windows that {@link #starts} gives. */
    NextTokenLoss loss() {
        return loss;
    }

    long epoch(long step) {
        return step / stepsAnEpoch();
    }

    /** Returns where the windows of a step begin; all steps have equally many, so the rest of an epoch is dropped. */
    int[] starts(long step) {
        long inEpoch = step % stepsAnEpoch();
        int[] starts = order.batch(epoch(step) * order.stepsPerEpoch() + inEpoch);
        for (int i = 0; i < starts.length; i++) {
            starts[i] *= length();
        }
        return starts;
    }

    private long stepsAnEpoch() {
        return windows / batch;
    }

    /** Returns the tokens that no step sees. */
    int[] validation() {
        int[] tokens = loss.text();
        int from = windows * length();
        return Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + validationWindows * length()));
    }
}
