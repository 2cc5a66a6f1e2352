package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.MaskSampleLanes.PER_ROW;
import static dev.lapidary.runtime.kernel.MaskSampleLanes.VECTOR;
import static dev.lapidary.runtime.kernel.MaskScratch.ROW;
import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Passes of 2:4, unrolled over its six patterns and four columns. Weights lie group after group; a 4×4 transposition within
 * each quarter of a vector takes them to rows by column and back.
 */
final class TwoOfFourLanes {
    static final int PATTERNS = 6;

    private static final int WEIGHT_STEP = 4 * MaskState.BLOCK; // bytes from a fourth of a block's weights to the next

    private TwoOfFourLanes() {}

    /** Replaces scores by how far they are below the largest of their group. */
    static void belowLargest(long scores, int blocks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = scores + (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            FloatVector a = load(at);
            FloatVector b = load(at + ROW);
            FloatVector c = load(at + 2 * ROW);
            FloatVector d = load(at + 3 * ROW);
            FloatVector e = load(at + 4 * ROW);
            FloatVector f = load(at + 5 * ROW);
            FloatVector largest = VectorFloats.larger(
                    VectorFloats.larger(VectorFloats.larger(a, b), VectorFloats.larger(c, d)),
                    VectorFloats.larger(e, f));
            store(largest.sub(a), at);
            store(largest.sub(b), at + ROW);
            store(largest.sub(c), at + 2 * ROW);
            store(largest.sub(d), at + 3 * ROW);
            store(largest.sub(e), at + 4 * ROW);
            store(largest.sub(f), at + 5 * ROW);
        }
    }

    /** Writes the masks: each column's sum of the chances that keep it, times the inverse. */
    static void masks(long chances, long inverses, int blocks, long masks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = chances + (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            FloatVector inverse = load(inverses + (long) v * VECTOR);
            FloatVector a = load(at);
            FloatVector b = load(at + ROW);
            FloatVector c = load(at + 2 * ROW);
            FloatVector d = load(at + 3 * ROW);
            FloatVector e = load(at + 4 * ROW);
            FloatVector f = load(at + 5 * ROW);
            long to = masks + (long) (v / PER_ROW) * 4 * ROW + v % PER_ROW * VECTOR;
            store(a.add(b).add(c).mul(inverse), to);
            store(a.add(d).add(e).mul(inverse), to + ROW);
            store(b.add(d).add(f).mul(inverse), to + 2 * ROW);
            store(c.add(e).add(f).mul(inverse), to + 3 * ROW);
        }
    }

    /** Writes weights times masks. */
    static void apply(long masks, int blocks, long weights, long out) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * 4 * WEIGHT_STEP + v % PER_ROW * VECTOR;
            FloatVector a = load(masks + offset);
            FloatVector b = load(masks + offset + ROW);
            FloatVector c = load(masks + offset + 2 * ROW);
            FloatVector d = load(masks + offset + 3 * ROW);
            FloatVector evenAb = Transposition.evens(a, b); // columns 0, 1 of groups 0, 2
            FloatVector oddAb = Transposition.odds(a, b);
            FloatVector evenCd = Transposition.evens(c, d);
            FloatVector oddCd = Transposition.odds(c, d);
            long from = weights + offset;
            long to = out + offset;
            store(load(from).mul(Transposition.lows(evenAb, evenCd)), to);
            store(load(from + WEIGHT_STEP).mul(Transposition.lows(oddAb, oddCd)), to + WEIGHT_STEP);
            store(load(from + 2 * WEIGHT_STEP).mul(Transposition.highs(evenAb, evenCd)), to + 2 * WEIGHT_STEP);
            store(load(from + 3 * WEIGHT_STEP).mul(Transposition.highs(oddAb, oddCd)), to + 3 * WEIGHT_STEP);
        }
    }

    /** Writes the products of weights and the gradients of masked weights, one row per column. */
    static void sides(long weights, long upstream, int blocks, long sides) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * 4 * WEIGHT_STEP + v % PER_ROW * VECTOR;
            FloatVector a = load(weights + offset).mul(load(upstream + offset));
            FloatVector b = load(weights + offset + WEIGHT_STEP).mul(load(upstream + offset + WEIGHT_STEP));
            FloatVector c = load(weights + offset + 2 * WEIGHT_STEP).mul(load(upstream + offset + 2 * WEIGHT_STEP));
            FloatVector d = load(weights + offset + 3 * WEIGHT_STEP).mul(load(upstream + offset + 3 * WEIGHT_STEP));
            transpose(a, b, c, d, sides + offset);
        }
    }

    private static void transpose(FloatVector a, FloatVector b, FloatVector c, FloatVector d, long out) {
        FloatVector evenAb = Transposition.evens(a, b);
        FloatVector oddAb = Transposition.odds(a, b);
        FloatVector evenCd = Transposition.evens(c, d);
        FloatVector oddCd = Transposition.odds(c, d);
        store(Transposition.lows(evenAb, evenCd), out);
        store(Transposition.lows(oddAb, oddCd), out + ROW);
        store(Transposition.highs(evenAb, evenCd), out + 2 * ROW);
        store(Transposition.highs(oddAb, oddCd), out + 3 * ROW);
    }

    /** Writes the weights, one row per column. */
    static void rows(long weights, int blocks, long rows) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * 4 * WEIGHT_STEP + v % PER_ROW * VECTOR;
            long from = weights + offset;
            transpose(
                    load(from),
                    load(from + WEIGHT_STEP),
                    load(from + 2 * WEIGHT_STEP),
                    load(from + 3 * WEIGHT_STEP),
                    rows + offset);
        }
    }

    /** Writes each pattern's sum of sides. */
    static void sums(long sides, int blocks, long out) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long side = sides + (long) (v / PER_ROW) * 4 * ROW + v % PER_ROW * VECTOR;
            FloatVector a = load(side);
            FloatVector b = load(side + ROW);
            FloatVector c = load(side + 2 * ROW);
            FloatVector d = load(side + 3 * ROW);
            long to = out + (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            store(a.add(b), to);
            store(a.add(c), to + ROW);
            store(a.add(d), to + 2 * ROW);
            store(b.add(c), to + 3 * ROW);
            store(b.add(d), to + 4 * ROW);
            store(c.add(d), to + 5 * ROW);
        }
    }

    /** Writes the sum of the likeliest pattern. */
    static void likeliest(long chances, long sums, int blocks, long out) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            long chance = chances + offset;
            long sum = sums + offset;
            FloatVector best = load(sum);
            best = likelier(best, sum + ROW, chance + ROW);
            best = likelier(best, sum + 2 * ROW, chance + 2 * ROW);
            best = likelier(best, sum + 3 * ROW, chance + 3 * ROW);
            best = likelier(best, sum + 4 * ROW, chance + 4 * ROW);
            store(likelier(best, sum + 5 * ROW, chance + 5 * ROW), out + (long) v * VECTOR);
        }
    }

    private static FloatVector likelier(FloatVector best, long sum, long chance) {
        return best.blend(load(sum), load(chance).compare(VectorOperators.EQ, 1f));
    }
}
