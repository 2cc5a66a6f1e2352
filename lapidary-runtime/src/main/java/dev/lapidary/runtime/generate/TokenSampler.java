package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws a token from logits: divided by the temperature, cut to the top-k likeliest, then to the likeliest that reach top-p, as
 * Hugging Face's generation does. Of equal logits the smaller id counts as likelier.
 */
public final class TokenSampler {
    private final GenerateOptions options;
    private final SplittableRandom random;

    /** Starts the draws that the options seed. */
    public TokenSampler(GenerateOptions options) {
        this.options = options;
        this.random = new SplittableRandom(options.seed());
    }

    /** Returns the id of the next token for logits [tokens]. */
    public int draw(float[] logits) {
        if (options.temperature() == 0) {
            return likeliest(logits);
        }
        int[] order = order(logits);
        int kept = options.topK() == 0 ? order.length : Math.min(options.topK(), order.length);
        double[] upTo = new double[kept]; // sums of exp((logit - largest) / temperature)
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += Math.exp((logits[order[i]] - (double) logits[order[0]]) / options.temperature());
            upTo[i] = sum;
        }
        double end = options.topP() < 1 ? upTo[first(upTo, options.topP() * sum)] : sum;
        int drawn = first(upTo, random.nextDouble() * end);
        return order[drawn];
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            requireNumber(logits[i]);
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The first index whose sum is at least a value. */
    private static int first(double[] upTo, double value) {
        for (int i = 0; i < upTo.length; i++) {
            if (upTo[i] >= value) {
                return i;
            }
        }
        return upTo.length - 1;
    }

    /** The ids from the largest logit to the smallest. */
    private static int[] order(float[] logits) {
        long[] keys = new long[logits.length];
        for (int i = 0; i < keys.length; i++) {
            requireNumber(logits[i]);
            int bits = Float.floatToIntBits(logits[i] + 0.0f); // -0 becomes 0
            int rising = bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE; // unsigned order of the values
            keys[i] = (Integer.toUnsignedLong(~rising) << 32 | i) ^ Long.MIN_VALUE;
        }
        Arrays.sort(keys);
        int[] order = new int[keys.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    private static void requireNumber(float logit) {
        if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
            throw new InputException("the model's logits must be finite; got " + logit);
        }
    }
}
