package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Shuffled batches as a pure function of seed and step, so that a resumed training sees the same items in the same order.
 *
 * <p>Every epoch visits every item once, in an order of its own; the last batch of an epoch may be shorter. The order is a
 * Fisher-Yates shuffle over a counter-based generator (the finaliser of SplitMix64), which no release of the JDK can change. A bound
 * is reached by taking the high word of a 128-bit product, whose bias is below 2^-33. Safe for use by several threads.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood, Fast splittable pseudorandom number generators,
 *     OOPSLA 2014</a>
 */
public final class EpochOrder {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private final long seed;
    private final int size;
    private final int batchSize;
    /** The order of the epoch last asked for: spares shuffling again for each of its batches, never decides a value. */
    private volatile @Nullable Shuffled cached;

    private record Shuffled(long epoch, int[] items) {}

    /**
     * Creates the order.
     *
     * @param seed seed of the training
     * @param size number of items, at least 1
     * @param batchSize number of items in a batch, at least 1
     */
    public EpochOrder(long seed, int size, int batchSize) {
        if (size < 1) {
            throw new InputException("size must be at least 1; got " + size);
        }
        if (batchSize < 1) {
            throw new InputException("batchSize must be at least 1; got " + batchSize);
        }
        this.seed = seed;
        this.size = size;
        this.batchSize = batchSize;
    }

    /** Returns the number of batches in an epoch, a shorter last one included. */
    public long stepsPerEpoch() {
        return Math.ceilDiv(size, batchSize);
    }

    /** Returns the epoch of a step, both from 0. */
    public long epoch(long step) {
        return step / stepsPerEpoch();
    }

    /** Returns the items of a step's batch, {@code batchSize} of them or, at the end of an epoch, fewer. */
    public int[] batch(long step) {
        if (step < 0) {
            throw new InputException("step must not be negative; got " + step);
        }
        int from = Math.toIntExact(step % stepsPerEpoch() * batchSize);
        int to = (int) Math.min(size, (long) from + batchSize);
        return Arrays.copyOfRange(shuffled(epoch(step)).items(), from, to);
    }

    /** Returns all items in the order of an epoch, a fresh array of length {@code size}. */
    public int[] items(long epoch) {
        return shuffled(epoch).items().clone();
    }

    private Shuffled shuffled(long epoch) {
        Shuffled known = cached;
        if (known == null || known.epoch() != epoch) {
            known = new Shuffled(epoch, shuffle(epoch));
            cached = known;
        }
        return known;
    }

    private int[] shuffle(long epoch) {
        long key = mix(mix(seed + GAMMA) ^ (epoch + 1) * GAMMA);
        int[] items = new int[size];
        for (int i = 0; i < size; i++) {
            int j = (int) Math.unsignedMultiplyHigh(mix(key + (i + 1) * GAMMA), i + 1L);
            items[i] = items[j];
            items[j] = i;
        }
        return items;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
