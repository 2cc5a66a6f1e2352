package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of a dense matrix times a vector, in four vectors of sums: as many rows at once as four vectors give
 * {@value ProductSums#PARTS} sums each. Loops are as small as they are because C2 stops inlining in a method after a fixed
 * number of nodes.
 */
final class DenseLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final int VECTOR = 4 * LANES;

    /** Vectors of sums of a row. */
    private static final int VECTORS = ProductSums.PARTS / LANES;

    private static final int HIGH = 0xFFFF0000;

    /** Rows that are multiplied at once. */
    static final int ROWS = 4 / VECTORS;

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

    /** Bytes from the first weight to those of vector i, which has so many bytes of weights. */
    private static long at(int i, long stride, int bytes) {
        return i / VECTORS * stride + (long) (i % VECTORS) * bytes;
    }

    private static FloatVector x(long at, int i) {
        return load(at + (long) (i % VECTORS) * VECTOR);
    }

    /** Sums up n columns, a multiple of 16, of float32 rows that lie stride bytes apart. */
    static void floats(long weights, long stride, int n, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int column = 0; column < n; column += ProductSums.PARTS) {
            long w = weights + 4L * column;
            long x = vector + 4L * column;
            a = load(w).fma(x(x, 0), a);
            b = load(w + at(1, stride, VECTOR)).fma(x(x, 1), b);
            c = load(w + at(2, stride, VECTOR)).fma(x(x, 2), c);
            d = load(w + at(3, stride, VECTOR)).fma(x(x, 3), d);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    /** Returns the upper halves of words, or the lower ones with a shift of 16. */
    private static FloatVector half(long at, int shift) {
        return loadInts(at).lanewise(VectorOperators.LSHL, shift).and(HIGH).reinterpretAsFloats();
    }

    /** Sums up n columns, a multiple of 32, of bfloat16 rows; the vector was split by {@link #splitPairs}. */
    static void halves(long weights, long stride, int n, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int column = 0; column < n; column += 2 * ProductSums.PARTS) {
            long w = weights + 2L * column;
            for (int half = 0; half < 2; half++) {
                long x = vector + 4L * (column + half * ProductSums.PARTS);
                int shift = 16 - 16 * half;
                a = half(w, shift).fma(x(x, 0), a);
                b = half(w + at(1, stride, VECTOR), shift).fma(x(x, 1), b);
                c = half(w + at(2, stride, VECTOR), shift).fma(x(x, 2), c);
                d = half(w + at(3, stride, VECTOR), shift).fma(x(x, 3), d);
            }
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    /** Sums up n columns, a multiple of 16, of rows of bytes. */
    static void bytes(long weights, long stride, int n, long vector, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int column = 0; column < n; column += ProductSums.PARTS) {
            long w = weights + column;
            long x = vector + 4L * column;
            a = ByteLanes.load(w).fma(x(x, 0), a);
            b = ByteLanes.load(w + at(1, stride, LANES)).fma(x(x, 1), b);
            c = ByteLanes.load(w + at(2, stride, LANES)).fma(x(x, 2), c);
            d = ByteLanes.load(w + at(3, stride, LANES)).fma(x(x, 3), d);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    /** Sums up n columns, a multiple of 32, of rows of bytes with a scale for every 32. */
    static void blocks(long weights, long stride, long scales, long scaleStride, int n, long vector, long sums) {
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        FloatVector a = zero;
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int column = 0; column < n; column += DenseMatrix.BLOCK) {
            FloatVector p = zero;
            FloatVector q = zero;
            FloatVector r = zero;
            FloatVector s = zero;
            for (int i = column; i < column + DenseMatrix.BLOCK; i += ProductSums.PARTS) {
                long w = weights + i;
                long x = vector + 4L * i;
                p = ByteLanes.load(w).fma(x(x, 0), p);
                q = ByteLanes.load(w + at(1, stride, LANES)).fma(x(x, 1), q);
                r = ByteLanes.load(w + at(2, stride, LANES)).fma(x(x, 2), r);
                s = ByteLanes.load(w + at(3, stride, LANES)).fma(x(x, 3), s);
            }
            long scale = scales + column / DenseMatrix.BLOCK * 4L;
            a = p.fma(RawMemory.spread(scale), a);
            b = q.fma(RawMemory.spread(scale + at(1, scaleStride, 0)), b);
            c = r.fma(RawMemory.spread(scale + at(2, scaleStride, 0)), c);
            d = s.fma(RawMemory.spread(scale + at(3, scaleStride, 0)), d);
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    /** Adds up the sums of each of some rows, halves first. */
    static void totals(long sums, int rows, long totals) {
        for (int row = 0; row < rows; row++) {
            long at = sums + (long) row * VECTORS * VECTOR;
            FloatVector total = load(at);
            if (VECTORS == 2) {
                total = total.add(load(at + VECTOR));
            } else if (VECTORS == 4) {
                total = total.add(load(at + 2 * VECTOR)).add(load(at + VECTOR).add(load(at + 3 * VECTOR)));
            }
            RawMemory.set(totals + 4L * row, VectorFloats.sum(total));
        }
    }
}
