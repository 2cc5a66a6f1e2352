package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.spread;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;

/** The loops of {@link RowProducts} in vectors, a lane per row of the matrix; loaded only where {@link Simd#on()}. */
final class RowProductLanes {
    private static final int VECTOR = 4 * Lanes.FLOAT.length();
    private static final int PAIR = 2 * VECTOR;
    private static final int PANEL = 4 * RowProducts.PANEL; // bytes
    private static final int TOGETHER = 6; // twelve sums and three operands: what fits into sixteen registers

    private RowProductLanes() {}

    /** Sets rows of to [n, PANEL] to rows of in [n, count] times columns of a panel [count, PANEL]. */
    static void multiply(long in, long inRow, int n, long matrix, int count, long to, long toRow) {
        for (int lane = 0; lane < PANEL; lane += PAIR) {
            int row = 0;
            for (; row <= n - TOGETHER; row += TOGETHER) {
                six(in + row * inRow, inRow, matrix + lane, count, to + row * toRow + lane, toRow);
            }
            for (; row < n; row++) {
                one(in + row * inRow, matrix + lane, count, to + row * toRow + lane);
            }
        }
    }

    /** Adds rows of sums [n, PANEL] to rows of out. */
    static void add(long sums, int n, long out, long outRow) {
        for (int row = 0; row < n; row++) {
            for (int lane = 0; lane < PANEL; lane += VECTOR) {
                long to = out + row * outRow + lane;
                store(load(to).add(load(sums + (long) row * PANEL + lane)), to);
            }
        }
    }

    private static void one(long in, long matrix, int count, long to) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOAT);
        FloatVector s1 = s0;
        for (int k = 0; k < count; k++) {
            FloatVector v = spread(in + 4L * k);
            s0 = v.fma(load(matrix + (long) k * PANEL), s0);
            s1 = v.fma(load(matrix + (long) k * PANEL + VECTOR), s1);
        }
        store(s0, to);
        store(s1, to + VECTOR);
    }

    private static void six(long in, long inRow, long matrix, int count, long to, long toRow) {
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        FloatVector s00 = zero;
        FloatVector s01 = zero;
        FloatVector s10 = zero;
        FloatVector s11 = zero;
        FloatVector s20 = zero;
        FloatVector s21 = zero;
        FloatVector s30 = zero;
        FloatVector s31 = zero;
        FloatVector s40 = zero;
        FloatVector s41 = zero;
        FloatVector s50 = zero;
        FloatVector s51 = zero;
        for (int k = 0; k < count; k++) {
            FloatVector m0 = load(matrix + (long) k * PANEL);
            FloatVector m1 = load(matrix + (long) k * PANEL + VECTOR);
            long from = in + 4L * k;
            FloatVector v = spread(from);
            s00 = v.fma(m0, s00);
            s01 = v.fma(m1, s01);
            v = spread(from + inRow);
            s10 = v.fma(m0, s10);
            s11 = v.fma(m1, s11);
            v = spread(from + 2 * inRow);
            s20 = v.fma(m0, s20);
            s21 = v.fma(m1, s21);
            v = spread(from + 3 * inRow);
            s30 = v.fma(m0, s30);
            s31 = v.fma(m1, s31);
            v = spread(from + 4 * inRow);
            s40 = v.fma(m0, s40);
            s41 = v.fma(m1, s41);
            v = spread(from + 5 * inRow);
            s50 = v.fma(m0, s50);
            s51 = v.fma(m1, s51);
        }
        store(s00, to);
        store(s01, to + VECTOR);
        store(s10, to + toRow);
        store(s11, to + toRow + VECTOR);
        store(s20, to + 2 * toRow);
        store(s21, to + 2 * toRow + VECTOR);
        store(s30, to + 3 * toRow);
        store(s31, to + 3 * toRow + VECTOR);
        store(s40, to + 4 * toRow);
        store(s41, to + 4 * toRow + VECTOR);
        store(s50, to + 5 * toRow);
        store(s51, to + 5 * toRow + VECTOR);
    }
}
