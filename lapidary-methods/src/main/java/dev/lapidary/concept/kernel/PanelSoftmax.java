package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.spread;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.kernel.NoiseLanes;
import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.VectorFloats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax over either axis of panels [rows, 32]: down the columns of one, or along rows that cross several. */
final class PanelSoftmax {
    /** Stands for minus infinity in padding: its exponential is 0, and no difference of two of it is NaN. */
    static final float LOW = -1e30f;

    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private PanelSoftmax() {}

    /**
     * Down the columns: out = scale · softmax(x) + shift for the first rows, and in columns [3, 32] each column's
     * log-sum-exp, its sum of x and its sum of exponentials. X ends as the exponentials.
     */
    static void overRows(long x, int rows, float scale, float shift, long out, long columns) {
        long sums = columns + 2L * ROW;
        largest(x, rows, columns, columns + ROW);
        exponentials(x, rows, columns, sums);
        shares(x, rows, sums, scale, shift, out);
        addLogs(columns, sums);
    }

    // Stages leave their results in memory and stay apart: inlined together they exceed what C2 inlines, and vectors
    // are
    // then boxed (27 in place of 7 microseconds for 300 columns of 32 rows).

    private static void largest(long x, int rows, long largest, long totals) {
        for (int o = 0; o < ROW; o += VECTOR) {
            FloatVector top = load(x + o);
            FloatVector total = top;
            for (int b = 1; b < rows; b++) {
                FloatVector v = load(x + o + (long) b * ROW);
                top = VectorFloats.larger(top, v);
                total = total.add(v);
            }
            store(top, largest + o);
            store(total, totals + o);
        }
    }

    private static void exponentials(long x, int rows, long largest, long sums) {
        for (int o = 0; o < ROW; o += VECTOR) {
            FloatVector top = load(largest + o);
            FloatVector sum = FloatVector.zero(Lanes.FLOAT);
            for (int b = 0; b < rows; b++) {
                FloatVector e = VectorFloats.exp(load(x + o + (long) b * ROW).sub(top));
                store(e, x + o + (long) b * ROW);
                sum = sum.add(e);
            }
            store(sum, sums + o);
        }
    }

    private static void shares(long x, int rows, long sums, float scale, float shift, long out) {
        FloatVector shifts = Lanes.broadcast(shift);
        for (int o = 0; o < ROW; o += VECTOR) {
            FloatVector factor = Lanes.broadcast(scale).div(load(sums + o));
            for (int b = 0; b < rows; b++) {
                store(load(x + o + (long) b * ROW).fma(factor, shifts), out + o + (long) b * ROW);
            }
        }
    }

    private static void addLogs(long largest, long sums) {
        for (int o = 0; o < ROW; o += VECTOR) {
            store(load(largest + o).add(NoiseLanes.ln(load(sums + o))), largest + o);
        }
    }

    /** Along the rows of one panel: x becomes exp(x - largest of its row), whose sum is kept; both [rows]. */
    static void partial(long x, int rows, long largest, long sums) {
        for (int b = 0; b < rows; b++) {
            long row = x + (long) b * ROW;
            FloatVector top = load(row);
            for (int o = VECTOR; o < ROW; o += VECTOR) {
                top = VectorFloats.larger(top, load(row + o));
            }
            float most = top.reduceLanes(VectorOperators.MAX);
            FloatVector sum = FloatVector.zero(Lanes.FLOAT);
            for (int o = 0; o < ROW; o += VECTOR) {
                FloatVector e = VectorFloats.exp(load(row + o).sub(most));
                store(e, row + o);
                sum = sum.add(e);
            }
            RawMemory.set(largest + 4L * b, most);
            RawMemory.set(sums + 4L * b, VectorFloats.sum(sum));
        }
    }

    /** Joins the panels' largest and sums into each row's log-sum-exp; the vectors have stride bytes, all padded to 32. */
    static void join(long largest, long sums, int panels, long stride, long logSums) {
        for (int o = 0; o < stride; o += VECTOR) {
            FloatVector top = load(largest + o);
            for (int p = 1; p < panels; p++) {
                top = VectorFloats.larger(top, load(largest + o + p * stride));
            }
            FloatVector sum = FloatVector.zero(Lanes.FLOAT);
            for (int p = 0; p < panels; p++) {
                FloatVector share =
                        VectorFloats.exp(load(largest + o + p * stride).sub(top));
                sum = share.fma(load(sums + o + p * stride), sum);
            }
            store(top.add(NoiseLanes.ln(sum)), logSums + o);
        }
    }

    /** Out += scale · e · exp(largest - logSums) + shift, row by row: the softmax of what {@link #partial} left. */
    static void addShares(long e, int rows, long largest, long logSums, float scale, float shift, long out) {
        FloatVector shifts = Lanes.broadcast(shift);
        for (int b = 0; b < rows; b++) {
            FloatVector difference = spread(largest + 4L * b).sub(spread(logSums + 4L * b));
            FloatVector factor = VectorFloats.exp(difference).mul(scale);
            for (long at = (long) b * ROW, end = at + ROW; at < end; at += VECTOR) {
                store(load(e + at).fma(factor, load(out + at).add(shifts)), out + at);
            }
        }
    }

    /** Sums each column of the first rows into totals [32]. */
    static void totals(long x, int rows, long totals) {
        for (int o = 0; o < ROW; o += VECTOR) {
            FloatVector total = load(x + o);
            for (int b = 1; b < rows; b++) {
                total = total.add(load(x + o + (long) b * ROW));
            }
            store(total, totals + o);
        }
    }
}
