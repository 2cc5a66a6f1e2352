package dev.lapidary.sparsity;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The logits before the first step: small noise, and the prior that starts a group at the pattern which a known mask chose.
 *
 * <p>π ← π + α·σ·(⟨M0, S_i⟩ − N²/M), with σ the unbiased standard deviation of all logits of the weight before. N²/M is the mean
 * overlap of two patterns, so that the prior adds nothing on average; the paper's text has N/2, its code 1, and for 2:4 all three
 * are 1. The constant does not change the softmax, only what weight decay shrinks.
 *
 * <p>Shapes, float32: logits [groups, patterns]; codes [groups].
 */
public final class MaskPriors {
    private static final long INITIAL_STREAMS = 1L << 40; // beyond the streams of the training noise
    private static final int CHUNK = 4096;

    private MaskPriors() {}

    /**
     * Fills logits with independent normal numbers of mean 0.
     *
     * @param stream the weight's index; a weight's logits depend on the seed and this alone
     */
    static void normal(MemorySegment logits, double deviation, long seed, long stream) {
        CounterNoise noise = new CounterNoise(seed, INITIAL_STREAMS + stream);
        long count = logits.byteSize() / Float.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment uniform = arena.allocate((long) CHUNK * Float.BYTES, Long.BYTES);
            for (long first = 0; first < count; first += CHUNK) {
                noise.uniform(0, first, uniform, CHUNK);
                normal(uniform, logits, first, (int) Math.min(CHUNK, count - first), deviation);
            }
        }
    }

    /** Box and Muller's pairs; an odd last number leaves its partner unused. */
    private static void normal(MemorySegment uniform, MemorySegment logits, long first, int count, double deviation) {
        for (int i = 0; i < count; i += 2) {
            double radius = deviation * Math.sqrt(-2 * Math.log(get(uniform, i)));
            double angle = 2 * Math.PI * get(uniform, i + 1);
            set(logits, first + i, (float) (radius * Math.cos(angle)));
            if (i + 1 < count) {
                set(logits, first + i + 1, (float) (radius * Math.sin(angle)));
            }
        }
    }

    /**
     * Adds a prior to the logits of one weight.
     *
     * @param codes the pattern that the prior chose for every group
     * @param strength the paper's α, in standard deviations, at least 0
     */
    public static void add(MemorySegment logits, byte[] codes, SparsityPattern pattern, double strength) {
        int patterns = pattern.count();
        if (logits.byteSize() != (long) codes.length * patterns * Float.BYTES) {
            throw new IllegalArgumentException(
                    "a prior must have a code for every group of the logits; got " + codes.length + " codes and "
                            + logits.byteSize() / Float.BYTES + " logits of " + patterns + " patterns");
        }
        double[] added = overlaps(pattern);
        double unit = strength * deviation(logits);
        for (int i = 0; i < added.length; i++) {
            added[i] *= unit;
        }
        for (int group = 0; group < codes.length; group++) {
            int row = codes[group] * patterns;
            for (int i = 0; i < patterns; i++) {
                long at = (long) group * patterns + i;
                set(logits, at, (float) (get(logits, at) + added[row + i]));
            }
        }
    }

    /** For every pair of patterns, how many kept columns they share less the mean of that: [patterns, patterns]. */
    private static double[] overlaps(SparsityPattern pattern) {
        int patterns = pattern.count();
        double mean = (double) pattern.kept() * pattern.kept() / pattern.of();
        double[] overlaps = new double[patterns * patterns];
        for (int a = 0; a < patterns; a++) {
            for (int b = 0; b < patterns; b++) {
                overlaps[a * patterns + b] = Integer.bitCount(pattern.positions(a) & pattern.positions(b)) - mean;
            }
        }
        return overlaps;
    }

    /** The unbiased standard deviation, in two passes. */
    static double deviation(MemorySegment logits) {
        long count = logits.byteSize() / Float.BYTES;
        double sum = 0;
        for (long i = 0; i < count; i++) {
            sum += get(logits, i);
        }
        double mean = sum / count;
        double squares = 0;
        for (long i = 0; i < count; i++) {
            double off = get(logits, i) - mean;
            squares += off * off;
        }
        return Math.sqrt(squares / (count - 1));
    }

    private static float get(MemorySegment floats, long index) {
        return floats.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    private static void set(MemorySegment floats, long index, float value) {
        floats.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    }
}
