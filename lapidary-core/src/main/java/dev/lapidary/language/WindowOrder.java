package dev.lapidary.language;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.InputException;
import dev.lapidary.train.EpochOrder;

/**
 * The windows of a text that each training step reads, a pure function of seed and step.
 *
 * <p>An epoch cuts the text into windows of context + 1 tokens (the last is only a target), which begin at an offset of its own,
 * and visits them once in an order of its own: other borders in every epoch.
 */
final class WindowOrder {
    private static final long OFFSETS = 7; // the stream of the counter that draws them

    private final EpochOrder order;
    private final CounterNoise noise;
    private final int context;
    private final int slack; // offsets go from 0 to it

    /** Prepares windows over a text of {@code tokens} tokens. */
    WindowOrder(long seed, int tokens, int context, int batch) {
        if (tokens <= context) {
            throw new InputException("the training part must have more tokens than a window of " + context + "; got "
                    + tokens + " (a longer text, or a smaller --context)");
        }
        this.context = context;
        int most = (tokens - 1) / context;
        int windows = most > 1 ? most - 1 : 1; // as many as fit at every offset
        slack = Math.min(context - 1, tokens - 1 - windows * context);
        order = new EpochOrder(seed, windows, batch);
        noise = new CounterNoise(seed, OFFSETS);
    }

    long epoch(long step) {
        return order.epoch(step);
    }

    /** Returns where the windows of a step begin. */
    int[] starts(long step) {
        int offset = Math.min(slack, (int) (noise.uniformAt(epoch(step), 0) * (slack + 1)));
        int[] starts = order.batch(step);
        for (int i = 0; i < starts.length; i++) {
            starts[i] = offset + starts[i] * context;
        }
        return starts;
    }
}
