package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of a dense matrix times a vector: as many rows at once as four vectors, for bytes eight, give
 * {@value ProductSums#PARTS} sums each. Loops are as small as they are because C2 stops inlining in a method after a fixed
 * number of nodes.
 *
 * <p>Strides are bytes from a row's first weight to the next row's, and from a row's first sum to the next row's.
 */
final class DenseLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final int VECTOR = 4 * LANES;

    /** Vectors of sums of a row. */
    private static final int VECTORS = ProductSums.PARTS / LANES;

    /** Whether bytes take eight vectors of sums; in 128 bits C2 has nodes for four only. */
    private static final boolean TWICE = LANES > 4;

    private DenseLanes() {}

    /** Returns how many rows are multiplied at once. */
    static int rows(DenseMatrix weights) {
        return (weights.scaling() == DenseMatrix.Scaling.ROW && TWICE ? 8 : 4) / VECTORS;
    }

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

    /** Bytes from the first weight or sum to those of vector i; each vector has {@code bytes} of them. */
    private static long at(int i, long stride, int bytes) {
        return i / VECTORS * stride + (long) (i % VECTORS) * bytes;
    }

    private static FloatVector x(long at, int i) {
        return load(at + (long) (i % VECTORS) * VECTOR);
    }

    /** Sums up n columns, a multiple of 16, of float32 rows that lie stride bytes apart. */
    static void floats(long weights, long stride, int n, long vector, long sums, long sumStride) {
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
        store(b, sums + at(1, sumStride, VECTOR));
        store(c, sums + at(2, sumStride, VECTOR));
        store(d, sums + at(3, sumStride, VECTOR));
    }

    /** Returns the upper halves of words, or the lower ones with a shift of 16. */
    private static FloatVector half(long at, int shift) {
        return loadInts(at)
                .lanewise(VectorOperators.LSHL, shift)
                .and(Lanes.UPPER)
                .reinterpretAsFloats();
    }

    /** Sums up n columns, a multiple of 32, of bfloat16 rows; the vector was split by {@link #splitPairs}. */
    static void halves(long weights, long stride, int n, long vector, long sums, long sumStride) {
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
        store(b, sums + at(1, sumStride, VECTOR));
        store(c, sums + at(2, sumStride, VECTOR));
        store(d, sums + at(3, sumStride, VECTOR));
    }

    /** Sums up n columns, a multiple of 16, of rows of bytes; more rows at once, since four streams do not fill the memory bus. */
    static void bytes(long weights, long stride, int n, long vector, long sums, long sumStride) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector e = a;
        FloatVector f = a;
        FloatVector g = a;
        FloatVector h = a;
        for (int column = 0; column < n; column += ProductSums.PARTS) {
            long w = weights + column;
            long x = vector + 4L * column;
            FloatVector first = load(x);
            FloatVector second = VECTORS > 1 ? load(x + VECTOR) : first;
            FloatVector third = VECTORS > 2 ? load(x + 2 * VECTOR) : first;
            FloatVector fourth = VECTORS > 2 ? load(x + 3 * VECTOR) : second;
            a = ByteLanes.load(w).fma(first, a);
            b = ByteLanes.load(w + at(1, stride, LANES)).fma(second, b);
            c = ByteLanes.load(w + at(2, stride, LANES)).fma(third, c);
            d = ByteLanes.load(w + at(3, stride, LANES)).fma(fourth, d);
            if (TWICE) {
                e = ByteLanes.load(w + at(4, stride, LANES)).fma(first, e);
                f = ByteLanes.load(w + at(5, stride, LANES)).fma(second, f);
                g = ByteLanes.load(w + at(6, stride, LANES)).fma(third, g);
                h = ByteLanes.load(w + at(7, stride, LANES)).fma(fourth, h);
            }
        }
        store(a, sums);
        store(b, sums + at(1, sumStride, VECTOR));
        store(c, sums + at(2, sumStride, VECTOR));
        store(d, sums + at(3, sumStride, VECTOR));
        if (TWICE) {
            store(e, sums + at(4, sumStride, VECTOR));
            store(f, sums + at(5, sumStride, VECTOR));
            store(g, sums + at(6, sumStride, VECTOR));
            store(h, sums + at(7, sumStride, VECTOR));
        }
    }

    /** Sums up n columns, a multiple of 32, of rows of bytes with a scale for every 32. */
    static void blocks(
            long weights, long stride, long scales, long scaleStride, int n, long vector, long sums, long sumStride) {
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
            FloatVector first = RawMemory.spread(scale);
            FloatVector second = VECTORS > 1 ? first : RawMemory.spread(scale + scaleStride);
            FloatVector third = VECTORS > 2 ? first : RawMemory.spread(scale + at(2, scaleStride, 0));
            FloatVector fourth = VECTORS > 1 ? third : RawMemory.spread(scale + 3 * scaleStride);
            a = p.fma(first, a);
            b = q.fma(second, b);
            c = r.fma(third, c);
            d = s.fma(fourth, d);
        }
        store(a, sums);
        store(b, sums + at(1, sumStride, VECTOR));
        store(c, sums + at(2, sumStride, VECTOR));
        store(d, sums + at(3, sumStride, VECTOR));
    }

    /** Returns the upper halves of words as float16 numbers, or the lower ones with a shift of 16; each must be finite. */
    private static FloatVector float16(long at, int shift) {
        return ShortLanes.widen(
                loadInts(at).lanewise(VectorOperators.LSHL, shift).lanewise(VectorOperators.ASHR, 3));
    }

    /** Sums up n columns, a multiple of 32, of float16 rows; the vector was split by {@link #splitPairs}. */
    static void float16s(long weights, long stride, int n, long vector, long sums, long sumStride) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int column = 0; column < n; column += 2 * ProductSums.PARTS) {
            long w = weights + 2L * column;
            for (int half = 0; half < 2; half++) {
                long x = vector + 4L * (column + half * ProductSums.PARTS);
                int shift = 16 - 16 * half;
                a = float16(w, shift).fma(x(x, 0), a);
                b = float16(w + at(1, stride, VECTOR), shift).fma(x(x, 1), b);
                c = float16(w + at(2, stride, VECTOR), shift).fma(x(x, 2), c);
                d = float16(w + at(3, stride, VECTOR), shift).fma(x(x, 3), d);
            }
        }
        store(a, sums);
        store(b, sums + at(1, sumStride, VECTOR));
        store(c, sums + at(2, sumStride, VECTOR));
        store(d, sums + at(3, sumStride, VECTOR));
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
