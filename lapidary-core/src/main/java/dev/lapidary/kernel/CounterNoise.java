package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.Simd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Random numbers that are a pure function of (seed, stream, step, index): nothing is stored between calls, so a resumed
 * run replays exactly the noise of an uninterrupted one, and any part of a draw can be made by any thread.
 *
 * <p>The generator is Philox4x32-10 (Salmon et al., SC 2011), chosen because it maps the whole 128-bit counter one to one,
 * so that no two (step, index) of a key can ever share a block (generators that walk one long sequence from hashed
 * starting points can only promise that overlaps are rare); it passes BigCrush, its authors publish test vectors, and GPU
 * libraries implement it, so that the same noise can be made there. The key is a bijection of the seed for a fixed
 * stream, and of the stream for a fixed seed.
 *
 * <p>Uniform values are (2k + 1)·2^-24 with k of 23 bits: exactly representable in float32, never 0 or 1, mean exactly
 * 1/2. Gumbel values are −ln(−ln u) with {@link NaturalLog}, hence within [−2.8115, 16.6356]. All values are unitless and
 * have the same bits from {@link #uniformAt} and {@link #gumbelAt}, the scalar path and vectors of every width.
 *
 * <p>Order of words: index i belongs to group i / 64; a group is 16 consecutive blocks, and word w of block b of the group
 * stands at 16·w + b.
 */
public final class CounterNoise {
    /** Values that one group of blocks yields. */
    static final int GROUP = 64;

    static final int BLOCKS = 16;
    static final int ONE = 0x3F800000; // bits of 1f
    static final float ALMOST_ONE = 1f - 0x1p-24f;

    private static final int CHUNK = 16; // groups written before they are transformed: 4 KiB stay in L1

    private final long[] keys;

    /**
     * Makes the noise of one purpose.
     *
     * @param seed the run's seed
     * @param stream what the noise is for; different streams of a seed are independent
     */
    public CounterNoise(long seed, long stream) {
        keys = Philox.schedule(mix(mix(seed) + stream));
    }

    /** Fills the first n floats of f32 with uniform values of (0, 1): index 0 to n − 1 of the step. */
    public void uniform(long step, MemorySegment f32, long n) {
        uniform(step, 0, f32, n);
    }

    /** Fills the first n floats of f32 with the uniform values first to first + n − 1 of the step. */
    public void uniform(long step, long first, MemorySegment f32, long n) {
        fill(step, first, f32, n, false);
    }

    /** Fills the first n floats of f32 with standard Gumbel values: index 0 to n − 1 of the step. */
    public void gumbel(long step, MemorySegment f32, long n) {
        gumbel(step, 0, f32, n);
    }

    /** Fills the first n floats of f32 with the Gumbel values first to first + n − 1 of the step. */
    public void gumbel(long step, long first, MemorySegment f32, long n) {
        fill(step, first, f32, n, true);
    }

    /** Returns the uniform value of one index of a step. */
    public float uniformAt(long step, long index) {
        return uniform(wordAt(step, index));
    }

    /** Returns the standard Gumbel value of one index of a step. */
    public float gumbelAt(long step, long index) {
        return gumbel(wordAt(step, index));
    }

    /** Returns the number in (0, 1) that a random word stands for. */
    public static float uniform(int word) {
        return Float.intBitsToFloat(word >>> 9 | ONE) - ALMOST_ONE;
    }

    static float gumbel(int word) {
        return -NaturalLog.of(-NaturalLog.of(uniform(word)));
    }

    private int wordAt(long step, long index) {
        requireIndex(index, 1);
        int[] words = new int[4];
        Philox.block(keys, index / GROUP * BLOCKS + index % BLOCKS, step, words, 0, 1);
        return words[(int) (index % GROUP) / BLOCKS];
    }

    private void fill(long step, long first, MemorySegment f32, long n, boolean gumbel) {
        Objects.requireNonNull(f32, "f32");
        requireIndex(first, n);
        if (n > f32.byteSize() / Float.BYTES) {
            throw new IllegalArgumentException(
                    "the segment must hold n floats; got n=" + n + ", bytes=" + f32.byteSize());
        }
        long done = Math.min(n, -first & GROUP - 1);
        int[] words = new int[GROUP];
        scalar(step, first, f32, 0, done, gumbel, words);
        if (Simd.on()) {
            while (n - done >= GROUP) {
                int groups = (int) Math.min(CHUNK, (n - done) / GROUP);
                vector(step, (first + done) / GROUP, f32, done, groups, gumbel);
                done += (long) groups * GROUP;
            }
        }
        while (done < n) {
            long count = Math.min(n - done, GROUP);
            scalar(step, first + done, f32, done, count, gumbel, words);
            done += count;
        }
    }

    private void vector(long step, long group, MemorySegment f32, long at, int groups, boolean gumbel) {
        NoiseLanes.words(keys, step, group, f32, at * Float.BYTES, groups);
        NoiseLanes.uniforms(f32, at * Float.BYTES, groups * GROUP);
        if (gumbel) {
            NoiseLanes.minusLogs(f32, at * Float.BYTES, groups * GROUP);
            NoiseLanes.minusLogs(f32, at * Float.BYTES, groups * GROUP);
        }
    }

    /** Writes count values of a single group to f32 from element at on. */
    private void scalar(long step, long first, MemorySegment f32, long at, long count, boolean gumbel, int[] words) {
        if (count == 0) {
            return;
        }
        long block = first / GROUP * BLOCKS;
        for (int b = 0; b < BLOCKS; b++) {
            Philox.block(keys, block + b, step, words, b, BLOCKS);
        }
        int from = (int) (first % GROUP);
        for (int i = 0; i < count; i++) {
            int word = words[from + i];
            f32.set(ValueLayout.JAVA_FLOAT_UNALIGNED, (at + i) * Float.BYTES, gumbel ? gumbel(word) : uniform(word));
        }
    }

    private static void requireIndex(long first, long n) {
        if (first < 0 || n < 0 || first > Long.MAX_VALUE - n) {
            throw new IllegalArgumentException(
                    "first and n must be at least 0 and end below 2^63; got first=" + first + ", n=" + n);
        }
    }

    /** The finaliser of SplitMix64, a bijection. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
