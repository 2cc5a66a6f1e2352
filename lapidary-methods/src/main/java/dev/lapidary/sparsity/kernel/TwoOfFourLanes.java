package dev.lapidary.sparsity.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;
import static dev.lapidary.sparsity.kernel.MaskSampleLanes.PER_ROW;
import static dev.lapidary.sparsity.kernel.MaskSampleLanes.VECTOR;
import static dev.lapidary.sparsity.kernel.MaskScratch.ROW;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.VectorFloats;
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

    /** Writes the masks in the order of the weights: each column's sum of the chances that keep it, times the inverse. */
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
            FloatVector p = a.add(b).add(c).mul(inverse);
            FloatVector q = a.add(d).add(e).mul(inverse);
            FloatVector r = b.add(d).add(f).mul(inverse);
            FloatVector s = c.add(e).add(f).mul(inverse);
            FloatVector evenPq = Transposition.evens(p, q); // columns 0, 1 of groups 0, 2
            FloatVector oddPq = Transposition.odds(p, q);
            FloatVector evenRs = Transposition.evens(r, s);
            FloatVector oddRs = Transposition.odds(r, s);
            long to = masks + (long) (v / PER_ROW) * 4 * WEIGHT_STEP + v % PER_ROW * VECTOR;
            store(Transposition.lows(evenPq, evenRs), to);
            store(Transposition.lows(oddPq, oddRs), to + WEIGHT_STEP);
            FloatVector third = Transposition.highs(evenPq, evenRs);
            // no methods of our own any more: C2 would not inline them, as the body has grown to its limit
            third.intoMemorySegment(RawMemory.ALL, to + 2 * WEIGHT_STEP, RawMemory.ORDER);
            Transposition.HIGHS
                    .selectFrom(oddPq.reinterpretAsInts(), oddRs.reinterpretAsInts())
                    .intoMemorySegment(RawMemory.ALL, to + 3 * WEIGHT_STEP, RawMemory.ORDER);
        }
    }

    /** Writes products. */
    static void products(long left, long right, int blocks, long out) {
        for (int i = 0; i < blocks * 4 * WEIGHT_STEP; i += VECTOR) {
            store(load(left + i).mul(load(right + i)), out + i);
        }
    }

    /** Writes weights times gradients of masked weights, less reward·weight²·mask. */
    static void rewarded(long masks, long weights, long upstream, int blocks, float reward, long sides) {
        FloatVector minus = Lanes.broadcast(-reward);
        for (int i = 0; i < blocks * 4 * WEIGHT_STEP; i += VECTOR) {
            FloatVector weight = load(weights + i);
            FloatVector side = weight.mul(load(upstream + i));
            store(weight.mul(weight).mul(load(masks + i)).fma(minus, side), sides + i);
        }
    }

    /** Takes sides from the order of the weights to one vector per column and writes the sum of each pair of columns. */
    static void sums(long sides, int blocks, long out) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long from = sides + (long) (v / PER_ROW) * 4 * WEIGHT_STEP + v % PER_ROW * VECTOR;
            FloatVector p = load(from);
            FloatVector q = load(from + WEIGHT_STEP);
            FloatVector r = load(from + 2 * WEIGHT_STEP);
            FloatVector s = load(from + 3 * WEIGHT_STEP);
            FloatVector evenPq = Transposition.evens(p, q);
            FloatVector oddPq = Transposition.odds(p, q);
            FloatVector evenRs = Transposition.evens(r, s);
            FloatVector oddRs = Transposition.odds(r, s);
            FloatVector a = Transposition.lows(evenPq, evenRs);
            FloatVector b = Transposition.lows(oddPq, oddRs);
            FloatVector c = Transposition.highs(evenPq, evenRs);
            FloatVector d = Transposition.highs(oddPq, oddRs);
            long to = out + (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            store(a.add(b), to);
            store(a.add(c), to + ROW);
            store(a.add(d), to + 2 * ROW);
            store(b.add(c), to + 3 * ROW);
            store(b.add(d), to + 4 * ROW);
            store(c.add(d), to + 5 * ROW);
        }
    }

    /** Makes sums relative to that of the likeliest pattern and writes their mean. */
    static void centre(long chances, long sums, int blocks, long inverses, long means) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            long chance = chances + offset;
            long sum = sums + offset;
            FloatVector a = load(chance);
            FloatVector b = load(chance + ROW);
            FloatVector c = load(chance + 2 * ROW);
            FloatVector d = load(chance + 3 * ROW);
            FloatVector e = load(chance + 4 * ROW);
            FloatVector f = load(chance + 5 * ROW);
            FloatVector s = load(sum);
            FloatVector t = load(sum + ROW);
            FloatVector u = load(sum + 2 * ROW);
            FloatVector w = load(sum + 3 * ROW);
            FloatVector x = load(sum + 4 * ROW);
            FloatVector y = load(sum + 5 * ROW);
            FloatVector best = s.blend(t, b.compare(VectorOperators.EQ, 1f))
                    .blend(u, c.compare(VectorOperators.EQ, 1f))
                    .blend(w, d.compare(VectorOperators.EQ, 1f))
                    .blend(x, e.compare(VectorOperators.EQ, 1f))
                    .blend(y, f.compare(VectorOperators.EQ, 1f));
            s = s.sub(best);
            t = t.sub(best);
            u = u.sub(best);
            w = w.sub(best);
            x = x.sub(best);
            y = y.sub(best);
            store(s, sum);
            store(t, sum + ROW);
            store(u, sum + 2 * ROW);
            store(w, sum + 3 * ROW);
            store(x, sum + 4 * ROW);
            store(y, sum + 5 * ROW);
            FloatVector mean = a.fma(s, FloatVector.zero(Lanes.FLOAT)); // and not a product, which could be −0
            mean = b.fma(t, mean);
            mean = c.fma(u, mean);
            mean = d.fma(w, mean);
            mean = e.fma(x, mean);
            mean = f.fma(y, mean);
            store(mean.mul(load(inverses + (long) v * VECTOR)), means + (long) v * VECTOR);
        }
    }

    /** Turns relative sums into gradients. */
    static void scale(long chances, long inverses, long means, int blocks, float factor, long gradients) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long offset = (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            FloatVector mean = load(means + (long) v * VECTOR);
            FloatVector scale = load(inverses + (long) v * VECTOR).mul(factor);
            long chance = chances + offset;
            long to = gradients + offset;
            store(load(chance).mul(scale).mul(load(to).sub(mean)), to);
            store(load(chance + ROW).mul(scale).mul(load(to + ROW).sub(mean)), to + ROW);
            store(load(chance + 2 * ROW).mul(scale).mul(load(to + 2 * ROW).sub(mean)), to + 2 * ROW);
            store(load(chance + 3 * ROW).mul(scale).mul(load(to + 3 * ROW).sub(mean)), to + 3 * ROW);
            store(load(chance + 4 * ROW).mul(scale).mul(load(to + 4 * ROW).sub(mean)), to + 4 * ROW);
            store(load(chance + 5 * ROW).mul(scale).mul(load(to + 5 * ROW).sub(mean)), to + 5 * ROW);
        }
    }

    /** Writes 1 over the sum of each group. */
    static void inverses(long chances, int blocks, long inverses) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = chances + (long) (v / PER_ROW) * PATTERNS * ROW + v % PER_ROW * VECTOR;
            FloatVector sum = load(at).add(load(at + ROW))
                    .add(load(at + 2 * ROW))
                    .add(load(at + 3 * ROW))
                    .add(load(at + 4 * ROW))
                    .add(load(at + 5 * ROW));
            store(Lanes.broadcast(1f).div(sum), inverses + (long) v * VECTOR);
        }
    }

    /** Returns the sum of the squares of the gradients, as {@link MaskRowLanes#squares} adds them. */
    static double squares(long chances, long inverses, long means, int blocks, float factor, long sums, long lanes) {
        for (int lane = 0; lane < ROW; lane += VECTOR) {
            FloatVector even = FloatVector.zero(Lanes.FLOAT);
            FloatVector odd = even;
            for (int block = 0; block < blocks; block++) {
                long at = (long) block * ROW + lane;
                FloatVector mean = load(means + at);
                FloatVector scale = load(inverses + at).mul(factor);
                long chance = chances + (long) block * PATTERNS * ROW + lane;
                long sum = sums + (long) block * PATTERNS * ROW + lane;
                even = square(even, chance, sum, scale, mean);
                odd = square(odd, chance + ROW, sum + ROW, scale, mean);
                even = square(even, chance + 2 * ROW, sum + 2 * ROW, scale, mean);
                odd = square(odd, chance + 3 * ROW, sum + 3 * ROW, scale, mean);
                even = square(even, chance + 4 * ROW, sum + 4 * ROW, scale, mean);
                odd = square(odd, chance + 5 * ROW, sum + 5 * ROW, scale, mean);
            }
            store(even.add(odd), lanes + lane);
        }
        return MaskRowLanes.inOrder(lanes);
    }

    private static FloatVector square(FloatVector total, long chance, long sum, FloatVector scale, FloatVector mean) {
        FloatVector gradient = load(chance).mul(scale).mul(load(sum).sub(mean));
        return gradient.fma(gradient, total);
    }
}
