package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of a dense matrix times a vector, in eight vectors of sums: as many rows at once as eight vectors give 32 sums each
 * (16 with block scales).
 */
final class DenseLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final int VECTOR = 4 * LANES;

    /** Vectors of sums of a row. */
    private static final int VECTORS = ProductSums.PARTS / LANES;

    private static final int BLOCK_VECTORS = VECTORS / 2;
    private static final int HIGH = 0xFFFF0000;

    /** Rows that are multiplied at once. */
    static final int ROWS = 8 / VECTORS;

    /** Rows with block scales that are multiplied at once. */
    static final int BLOCK_ROWS = 8 / BLOCK_VECTORS;


    private DenseLanes() {}

    /** Writes of every 32 floats the 16 even ones, then the 16 odd ones. */
    static void splitPairs(long x, int chunks, long to) {
        for (int chunk = 0; chunk < chunks; chunk++) {
            for (int i = 0; i < 16; i++) {
                long from = x + 4L * (chunk * 32 + 2 * i);
                long at = to + 4L * (chunk * 32 + i);
                RawMemory.set(at, RawMemory.get(from));
                RawMemory.set(at + 64, RawMemory.get(from + 4));
            }
        }
    }

    /** Bytes from the first weight to those of sum i. */
    private static long at(int i, long stride, int vectors, int laneBytes) {
        return i / vectors * stride + (long) (i % vectors) * laneBytes;
    }

    private static FloatVector w(long at, int i, long stride) {
        return load(at + at(i, stride, VECTORS, VECTOR));
    }

    private static FloatVector x(long at, int i) {
        return load(at + (long) (i % VECTORS) * VECTOR);
    }

    /** Sums up float32 rows that lie stride bytes apart. */
    static void floats(long weights, long stride, int chunks, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long w = weights + 128L * chunk;
            long x = vector + 128L * chunk;
            a = w(w, 0, stride).fma(x(x, 0), a);
            b = w(w, 1, stride).fma(x(x, 1), b);
            c = w(w, 2, stride).fma(x(x, 2), c);
            d = w(w, 3, stride).fma(x(x, 3), d);
            e = w(w, 4, stride).fma(x(x, 4), e);
            f = w(w, 5, stride).fma(x(x, 5), f);
            g = w(w, 6, stride).fma(x(x, 6), g);
            h = w(w, 7, stride).fma(x(x, 7), h);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
        store(e, sums + 4 * VECTOR);
        store(f, sums + 5 * VECTOR);
        store(g, sums + 6 * VECTOR);
        store(h, sums + 7 * VECTOR);
    }

    /** Pairs of bfloat16: sum i of the even columns, sum i + half a row's of the odd ones. */
    private static IntVector pairs(long at, int i, long stride) {
        return loadInts(at + at(i, stride, VECTORS / 2, VECTOR));
    }

    private static FloatVector low(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    private static FloatVector high(IntVector pairs) {
        return pairs.and(HIGH).reinterpretAsFloats();
    }

    private static FloatVector evens(long at, int i) {
        return load(at + (long) (i % (VECTORS / 2)) * VECTOR);
    }

    private static FloatVector odds(long at, int i) {
        return load(at + 64 + (long) (i % (VECTORS / 2)) * VECTOR);
    }

    /** Where the sums of pair vector i go. */
    private static long sumAt(int i, boolean odd) {
        int half = VECTORS / 2;
        return (long) (i / half * VECTORS + i % half + (odd ? half : 0)) * VECTOR;
    }

    /** Sums up bfloat16 rows that lie stride bytes apart; the vector was split by {@link #splitPairs}. */
    static void halves(long weights, long stride, int chunks, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long w = weights + 64L * chunk;
            long x = vector + 128L * chunk;
            IntVector p = pairs(w, 0, stride);
            a = low(p).fma(evens(x, 0), a);
            b = high(p).fma(odds(x, 0), b);
            p = pairs(w, 1, stride);
            c = low(p).fma(evens(x, 1), c);
            d = high(p).fma(odds(x, 1), d);
            p = pairs(w, 2, stride);
            e = low(p).fma(evens(x, 2), e);
            f = high(p).fma(odds(x, 2), f);
            p = pairs(w, 3, stride);
            g = low(p).fma(evens(x, 3), g);
            h = high(p).fma(odds(x, 3), h);
        }
        store(a, sums + sumAt(0, false));
        store(b, sums + sumAt(0, true));
        store(c, sums + sumAt(1, false));
        store(d, sums + sumAt(1, true));
        store(e, sums + sumAt(2, false));
        store(f, sums + sumAt(2, true));
        store(g, sums + sumAt(3, false));
        store(h, sums + sumAt(3, true));
    }

    private static FloatVector q(long at, int i, long stride) {
        return ByteLanes.load(at + at(i, stride, VECTORS, LANES));
    }

    /** Sums up rows of bytes that lie stride bytes apart. */
    static void bytes(long weights, long stride, int chunks, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long w = weights + 32L * chunk;
            long x = vector + 128L * chunk;
            a = q(w, 0, stride).fma(x(x, 0), a);
            b = q(w, 1, stride).fma(x(x, 1), b);
            c = q(w, 2, stride).fma(x(x, 2), c);
            d = q(w, 3, stride).fma(x(x, 3), d);
            e = q(w, 4, stride).fma(x(x, 4), e);
            f = q(w, 5, stride).fma(x(x, 5), f);
            g = q(w, 6, stride).fma(x(x, 6), g);
            h = q(w, 7, stride).fma(x(x, 7), h);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
        store(e, sums + 4 * VECTOR);
        store(f, sums + 5 * VECTOR);
        store(g, sums + 6 * VECTOR);
        store(h, sums + 7 * VECTOR);
    }

    /** One block's share of sum i: columns i and i + 16 times x, times the scale, added to the sum. */
    private static FloatVector addBlock(
            FloatVector sum, long w, int i, long stride, long scale, long scaleStride, long x) {
        long from = w + at(i, stride, BLOCK_VECTORS, LANES);
        long in = x + (long) (i % BLOCK_VECTORS) * VECTOR;
        FloatVector both = ByteLanes.load(from + 16)
                .fma(load(in + 64), ByteLanes.load(from).mul(load(in)));
        return both.fma(RawMemory.spread(scale + i / BLOCK_VECTORS * scaleStride), sum);
    }

    /** Sums up rows of bytes with a scale for every 32 columns. */
    static void blocks(
            long weights, long stride, long scales, long scaleStride, int chunks, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long w = weights + 32L * chunk;
            long s = scales + 4L * chunk;
            long x = vector + 128L * chunk;
            a = addBlock(a, w, 0, stride, s, scaleStride, x);
            b = addBlock(b, w, 1, stride, s, scaleStride, x);
            c = addBlock(c, w, 2, stride, s, scaleStride, x);
            d = addBlock(d, w, 3, stride, s, scaleStride, x);
            e = addBlock(e, w, 4, stride, s, scaleStride, x);
            f = addBlock(f, w, 5, stride, s, scaleStride, x);
            g = addBlock(g, w, 6, stride, s, scaleStride, x);
            h = addBlock(h, w, 7, stride, s, scaleStride, x);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
        store(e, sums + 4 * VECTOR);
        store(f, sums + 5 * VECTOR);
        store(g, sums + 6 * VECTOR);
        store(h, sums + 7 * VECTOR);
    }

    /** Adds up a row's 32 or 16 sums, halves first. */
    static float total(long sums, int row, boolean halved) {
        int vectors = halved ? BLOCK_VECTORS : VECTORS;
        long at = sums + (long) row * vectors * VECTOR;
        FloatVector total =
                switch (vectors) {
                    case 1 -> load(at);
                    case 2 -> two(at, 0, 1);
                    case 4 -> two(at, 0, 2).add(two(at, 1, 3));
                    default -> two(at, 0, 4).add(two(at, 2, 6)).add(two(at, 1, 5).add(two(at, 3, 7)));
                };
        return VectorFloats.sum(total);
    }

    private static FloatVector two(long at, int i, int j) {
        return load(at + (long) i * VECTOR).add(load(at + (long) j * VECTOR));
    }
}
