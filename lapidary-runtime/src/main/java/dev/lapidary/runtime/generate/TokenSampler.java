package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws a token from logits: divided by the temperature, cut to the top-k likeliest, then to the likeliest that reach top-p, as
 * Hugging Face's generation does. Of equal logits the smaller id counts as likelier.
 *
 * <p>The top-k likeliest are found in one pass with a heap of k, so that a draw costs little more than reading the logits; without
 * top-k all are sorted. What a draw needs is kept for the next one.
 */
public final class TokenSampler {
    private final GenerateOptions options;
    private final SplittableRandom random;
    private long[] keys = new long[0]; // rising from the likeliest token on, the id in the lower half
    private double[] upTo = new double[0]; // sums of exp((logit - largest) / temperature)

    /** Starts the draws that the options seed. */
    public TokenSampler(GenerateOptions options) {
        this.options = options;
        this.random = new SplittableRandom(options.seed());
    }

    /** Returns the id of the next token for logits [tokens]. */
    public int draw(float[] logits) {
        return draw(logits, logits.length);
    }

    /** Returns the id of the next token, below {@code tokens}, for logits [tokens or more]. */
    public int draw(float[] logits, int tokens) {
        requireNumbers(logits, tokens);
        if (options.temperature() == 0) {
            return likeliest(logits, tokens);
        }
        int kept = options.topK() == 0 ? tokens : Math.min(options.topK(), tokens);
        grow(kept);
        if (kept == tokens) {
            for (int i = 0; i < tokens; i++) {
                keys[i] = key(logits, i);
            }
        } else {
            select(logits, tokens, kept);
        }
        Arrays.sort(keys, 0, kept);
        return draw(logits, kept, options.topP());
    }

    private int draw(float[] logits, int kept, double topP) {
        double largest = logits[(int) keys[0]];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += Math.exp((logits[(int) keys[i]] - largest) / options.temperature());
            upTo[i] = sum;
        }
        double end = topP < 1 ? upTo[first(kept, topP * sum)] : sum;
        return (int) keys[first(kept, random.nextDouble() * end)];
    }

    private void grow(int kept) {
        if (keys.length < kept) {
            keys = new long[kept];
            upTo = new double[kept];
        }
    }

    private static int likeliest(float[] logits, int tokens) {
        int best = 0;
        for (int i = 0; i < tokens; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The first index whose sum is at least a value. */
    private int first(int kept, double value) {
        for (int i = 0; i < kept; i++) {
            if (upTo[i] >= value) {
                return i;
            }
        }
        return kept - 1;
    }

    /** Puts the keys of the {@code kept} likeliest tokens first, in any order. */
    private void select(float[] logits, int tokens, int kept) {
        for (int i = 0; i < kept; i++) {
            keys[i] = key(logits, i);
        }
        for (int i = kept / 2 - 1; i >= 0; i--) {
            sink(i, kept);
        }
        float least = logits[(int) keys[0]]; // of the heap, whose top is the least likely
        for (int i = kept; i < tokens; i++) {
            if (logits[i] > least) { // of equal ones those before stay
                keys[0] = key(logits, i);
                sink(0, kept);
                least = logits[(int) keys[0]];
            }
        }
    }

    private void sink(int from, int size) {
        long moved = keys[from];
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && keys[child + 1] > keys[child]) {
                child++;
            }
            if (keys[child] <= moved) {
                break;
            }
            keys[at] = keys[child];
            at = child;
        }
        keys[at] = moved;
    }

    private static long key(float[] logits, int i) {
        int bits = Float.floatToIntBits(logits[i] + 0.0f); // -0 becomes 0
        int rising = bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE; // unsigned order of the values
        return (Integer.toUnsignedLong(~rising) << 32 | i) ^ Long.MIN_VALUE;
    }

    /** A logit of -Infinity rules a token out, but not all of them. */
    private static void requireNumbers(float[] logits, int tokens) {
        boolean one = false;
        for (int i = 0; i < tokens; i++) {
            float logit = logits[i];
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw new InputException("the model's logits must be finite; got " + logit);
            }
            one |= logit > Float.NEGATIVE_INFINITY;
        }
        if (!one) {
            throw new InputException("the model's logits must be finite; got -Infinity for every token");
        }
    }
}
