package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The logits of one weight's mask and their two moments, in native memory that {@link #close} gives back.
 *
 * <p>Three equal parts follow each other: logits, first moments, second moments, all 0 at first. A part holds blocks of 16
 * groups, the last one padded; a block holds one row of 16 values per pattern, in which group g of the block stands at
 * position 4·(g mod 4) + g / 4 (the order in which a 4×4 transposition leaves the columns of 2:4). In bfloat16 patterns 2i
 * and 2i + 1 share a row of 16 words, the first in the low halves; an odd last pattern has a row to itself.
 * {@link MaskKernel#readLogits} and its likes convert.
 */
public final class MaskState implements AutoCloseable {
    /** Groups of a block. */
    static final int BLOCK = 16;

    private final Arena arena = Arena.ofShared();
    private final SparsityPattern pattern;
    private final StateType type;
    private final long weights;
    private final long seed;
    private final long stream;
    private final MemorySegment segment;

    /**
     * Allocates the state of a weight.
     *
     * @param weights number of weights, a multiple of the pattern's M, at least M
     * @param seed the run's seed
     * @param stream which weight of the model this is: different streams have independent noise
     */
    public MaskState(SparsityPattern pattern, StateType type, long weights, long seed, long stream) {
        if (weights < pattern.of() || weights % pattern.of() != 0) {
            throw new IllegalArgumentException(
                    "weights must be a positive multiple of " + pattern.of() + "; got " + weights);
        }
        this.pattern = pattern;
        this.type = type;
        this.weights = weights;
        this.seed = seed;
        this.stream = stream;
        segment = HugePages.allocate(arena, bytes(pattern, type, weights));
    }

    /** Returns the bytes of the state of {@code weights} weights: logits, first and second moments together. */
    public static long bytes(SparsityPattern pattern, StateType type, long weights) {
        return 3 * partBytes(pattern, type, weights);
    }

    private static long partBytes(SparsityPattern pattern, StateType type, long weights) {
        long blocks = (weights / pattern.of() + BLOCK - 1) / BLOCK;
        return Math.multiplyExact(blocks, blockBytes(pattern, type));
    }

    static long blockBytes(SparsityPattern pattern, StateType type) {
        int rows = type == StateType.F32 ? pattern.count() : (pattern.count() + 1) / 2;
        return (long) rows * BLOCK * Float.BYTES;
    }

    /** All bytes of the state, for checkpoints; writing them back restores it exactly. */
    public MemorySegment segment() {
        return segment;
    }

    /** Returns how many weights of each group are kept. */
    public SparsityPattern pattern() {
        return pattern;
    }

    /** Returns the number type of logits and moments. */
    public StateType type() {
        return type;
    }

    /** Number of weights. */
    public long weights() {
        return weights;
    }

    /** Number of groups, weights / M. */
    public long groups() {
        return weights / pattern.of();
    }

    /** Returns the seed of the noise. */
    public long seed() {
        return seed;
    }

    /** Returns the number that tells this layer's noise from that of others with the same seed. */
    public long stream() {
        return stream;
    }

    /** Address of a part: 0 the logits, 1 the first moments, 2 the second. */
    long part(int index) {
        return segment.address() + index * (segment.byteSize() / 3);
    }

    /** Gives the memory back; the state must not be used after. */
    @Override
    public void close() {
        arena.close();
    }
}
