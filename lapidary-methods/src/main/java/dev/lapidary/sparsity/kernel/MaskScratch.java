package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A worker's memory for a chunk of at most {@link #blocks} blocks of 16 groups; small enough for the first cache. A row is
 * 16 floats, one per group of a block.
 */
final class MaskScratch {
    static final int ROW = MaskState.BLOCK * Float.BYTES;

    private static final int MOST_BLOCKS = 16;
    private static final int SCORE_BYTES = 8192;

    /**
     * Where every array starts: a load waits for an earlier store whose address has the same low 12 bits, and with arrays 64
     * bytes further each a pass met one at every step.
     */
    private static final int PAGE = 4096;

    final SparsityPattern pattern;
    final int patterns; // P
    final int columns; // M
    final int[] positions; // [P], kept columns of each pattern
    final int[][] kept; // [P][N], columns of each pattern
    final int[][] keeping; // [M][P·N/M], patterns that keep each column
    final int blocks; // a power of two
    final long scores; // [blocks][P] rows: noise, then scores, then unnormalised probabilities
    final long hard; // [blocks][P] rows, one-hot
    final long gradients; // [blocks][P] rows
    final long logits; // [blocks][P] rows of a bfloat16 state; likewise both moments
    final long first;
    final long second;
    final long inverse; // [blocks] rows: 1 / sum of the unnormalised probabilities
    final long ones; // [blocks] rows of 1
    final long masks; // [blocks][M] rows
    final long sides; // [blocks][M] rows, the gradient of the mask
    final long weights; // [blocks * 16 * M] floats, for an incomplete last block; likewise both others
    final long upstream;
    final long masked;
    final long sums; // one row
    final long means; // [blocks] rows: the sum of sides of the likeliest pattern, then the mean sum
    final long rows; // [blocks][M] rows, the weights by column

    // what the passes over the current chunk are to do
    int counter; // number of the chunk's first group in its region, plus the first key
    int secondKey;
    long logitRows; // address of the logits, float32
    float logitFactor;
    float noiseFactor;
    boolean isHard;
    long weightsAt;
    long upstreamAt; // gradient of the masked weights
    long maskedAt;
    float reward; // twice the strength of the reward for large kept weights
    float factor; // κ/τ, times a factor of all gradients

    MaskScratch(SparsityPattern pattern, Arena arena) {
        this.pattern = pattern;
        patterns = pattern.count();
        columns = pattern.of();
        positions = pattern.positions();
        kept = new int[patterns][];
        Arrays.setAll(
                kept,
                i -> IntStream.range(0, columns)
                        .filter(k -> pattern.keeps(i, k))
                        .toArray());
        keeping = new int[columns][];
        Arrays.setAll(
                keeping,
                k -> IntStream.range(0, patterns)
                        .filter(i -> pattern.keeps(i, k))
                        .toArray());
        blocks = blocks(pattern);
        int even = patterns + patterns % 2; // rows of bfloat16 come in pairs
        scores = rows(arena, blocks * even);
        hard = rows(arena, blocks * even);
        gradients = rows(arena, blocks * even);
        logits = rows(arena, blocks * even);
        first = rows(arena, blocks * even);
        second = rows(arena, blocks * even);
        inverse = rows(arena, blocks);
        ones = rows(arena, blocks);
        for (int i = 0; i < blocks * MaskState.BLOCK; i++) {
            RawMemory.set(ones + 4L * i, 1f);
        }
        masks = rows(arena, blocks * columns);
        sides = rows(arena, blocks * columns);
        weights = rows(arena, blocks * columns);
        upstream = rows(arena, blocks * columns);
        masked = rows(arena, blocks * columns);
        sums = rows(arena, 1);
        means = rows(arena, blocks);
        rows = rows(arena, blocks * columns);
    }

    /** Returns the blocks of a chunk: as many as 8 KiB of scores hold, a power of two of at most 16. */
    static int blocks(SparsityPattern pattern) {
        return Math.clamp(Integer.highestOneBit(SCORE_BYTES / (ROW * pattern.count())), 1, MOST_BLOCKS);
    }

    /** Returns the position of a group in the rows of its block. */
    static int position(int group) {
        return 4 * (group & 3) + (group >> 2 & 3);
    }

    private static long rows(Arena arena, int count) {
        return arena.allocate((long) count * ROW, PAGE).address();
    }
}
