package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A text cut into windows that are drawn without replacement, and its last part, which is only measured on.
 *
 * <p>Which windows a step sees is a function of seed and step. A window of length L has L inputs and as many targets, each the token
 * after its input.
 */
final class TrainingWindows {
    private static final double VALIDATION_SHARE = 0.05;
    private static final int MOST_VALIDATION_WINDOWS = 32;

    private final int[] tokens;
    private final int length;
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
        this.tokens = tokens;
        this.length = length;
        this.batch = Math.min(batch, windows);
        order = new EpochOrder(seed, windows, this.batch);
    }

    /** One forward and backward pass: inputs [windows, length] and targets [windows · length], and its share of the step's windows. */
    record Pass(Tensor inputs, Tensor targets, double share) {}

    /** Returns how many windows training draws from. */
    int windows() {
        return windows;
    }

    /** Returns how many windows one step takes. */
    int batch() {
        return batch;
    }

    int length() {
        return length;
    }

    long epoch(long step) {
        return step / stepsAnEpoch();
    }

    /** Returns the windows of a step; all steps have equally many, so the rest of an epoch is dropped. */
    int[] batch(long step) {
        long inEpoch = step % stepsAnEpoch();
        return order.batch(epoch(step) * order.stepsPerEpoch() + inEpoch);
    }

    private long stepsAnEpoch() {
        return windows / batch;
    }

    /** Returns some of a step's windows as tensors, which the open scope owns. */
    Pass pass(int[] batchWindows, int from, int to) {
        long[] inputs = new long[(to - from) * length];
        long[] targets = new long[inputs.length];
        for (int i = from; i < to; i++) {
            int start = batchWindows[i] * length;
            for (int t = 0; t < length; t++) {
                inputs[(i - from) * length + t] = tokens[start + t];
                targets[(i - from) * length + t] = tokens[start + t + 1];
            }
        }
        return new Pass(
                Tensors.of(inputs, to - from, length),
                Tensors.of(targets, targets.length),
                (double) (to - from) / batchWindows.length);
    }

    /** Returns the tokens that no step sees. */
    int[] validation() {
        int from = windows * length;
        return Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + validationWindows * length));
    }
}
