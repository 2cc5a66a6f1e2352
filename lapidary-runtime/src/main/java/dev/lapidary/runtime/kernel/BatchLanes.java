package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.spread;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;

/** A few rows of unpacked weights times a panel of tokens, a lane per token; loaded only where {@link Simd#on()}. */
final class BatchLanes {
    /** Tokens of a panel: two vectors. */
    static final int TOKENS = 2 * Lanes.FLOAT.length();

    /** Rows that {@link #multiply} takes at once. */
    static final int ROWS = 4;

    private static final int VECTOR = 4 * Lanes.FLOAT.length();
    private static final int STEP = 2 * VECTOR;

    private BatchLanes() {}

    /** Sets four rows of sums to weights [4, n] times x [n, tokens], or adds that to them. */
    static void multiply(long weights, long row, long column, int n, long x, long sums, long sumRow, boolean add) {
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        FloatVector s00 = add ? load(sums) : zero;
        FloatVector s01 = add ? load(sums + VECTOR) : zero;
        FloatVector s10 = add ? load(sums + sumRow) : zero;
        FloatVector s11 = add ? load(sums + sumRow + VECTOR) : zero;
        FloatVector s20 = add ? load(sums + 2 * sumRow) : zero;
        FloatVector s21 = add ? load(sums + 2 * sumRow + VECTOR) : zero;
        FloatVector s30 = add ? load(sums + 3 * sumRow) : zero;
        FloatVector s31 = add ? load(sums + 3 * sumRow + VECTOR) : zero;
        for (int k = 0; k < n; k++) {
            FloatVector x0 = load(x + (long) k * STEP);
            FloatVector x1 = load(x + (long) k * STEP + VECTOR);
            long at = weights + k * column;
            FloatVector w = spread(at);
            s00 = w.fma(x0, s00);
            s01 = w.fma(x1, s01);
            w = spread(at + row);
            s10 = w.fma(x0, s10);
            s11 = w.fma(x1, s11);
            w = spread(at + 2 * row);
            s20 = w.fma(x0, s20);
            s21 = w.fma(x1, s21);
            w = spread(at + 3 * row);
            s30 = w.fma(x0, s30);
            s31 = w.fma(x1, s31);
        }
        store(s00, sums);
        store(s01, sums + VECTOR);
        store(s10, sums + sumRow);
        store(s11, sums + sumRow + VECTOR);
        store(s20, sums + 2 * sumRow);
        store(s21, sums + 2 * sumRow + VECTOR);
        store(s30, sums + 3 * sumRow);
        store(s31, sums + 3 * sumRow + VECTOR);
    }
}
