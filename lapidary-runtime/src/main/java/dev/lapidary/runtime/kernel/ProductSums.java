package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.getByte;
import static dev.lapidary.runtime.kernel.RawMemory.getShort;
import static dev.lapidary.runtime.kernel.RawMemory.set;

/** What is the same for every vector width: the columns behind the last whole chunk, and scales. */
final class ProductSums {
    /** A dense row is added up in this number of parts: column c belongs to part c mod 16, in 16 bits c / 2 mod 16. */
    static final int PARTS = 16;

    private ProductSums() {}

    /** Returns a weight without its scale. */
    static float stored(DenseMatrix weights, int row, int column) {
        long i = (long) row * weights.columns() + column;
        long data = weights.data().address();
        return switch (weights.type()) {
            case F32 -> get(data + 4 * i);
            case BF16 -> Bfloat16.widen(getShort(data + 2 * i));
            case F16 -> Float.float16ToFloat(getShort(data + 2 * i));
            case INT8 -> getByte(data + i);
        };
    }

    /** Returns the scale of a column's block. */
    static float scale(DenseMatrix weights, int row, int column) {
        long blocks = DenseMatrix.blocks(weights.columns());
        return get(weights.scales().address() + 4 * (row * blocks + column / DenseMatrix.BLOCK));
    }

    /** Returns the columns that are added up in parts: whole steps of the loops, 16 columns or 32. */
    static int whole(DenseMatrix weights) {
        boolean wide = weights.type().isHalf() || weights.scaling() == DenseMatrix.Scaling.BLOCK;
        int step = wide ? 2 * PARTS : PARTS;
        return weights.columns() / step * step;
    }

    /** Sets y[from .. to) to the rows' totals plus the columns behind the last whole step, times the rows' scales. */
    static void finish(DenseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        int whole = whole(weights);
        if (whole < weights.columns()) {
            for (int row = from; row < to; row++) {
                long at = scratch.totals + 4L * (row - from);
                set(at, addTail(weights, row, whole, scratch.x, get(at)));
            }
        }
        boolean scaled = weights.scaling() == DenseMatrix.Scaling.ROW;
        finish(scaled ? weights.scales().address() : 0, from, to - from, scratch.totals, y);
    }

    private static float addTail(DenseMatrix weights, int row, int whole, long x, float sum) {
        float tail = 0;
        for (int column = whole; column < weights.columns(); column++) {
            tail = Math.fma(stored(weights, row, column), get(x + 4L * column), tail);
        }
        return weights.scaling() == DenseMatrix.Scaling.BLOCK
                ? Math.fma(tail, scale(weights, row, whole), sum)
                : sum + tail;
    }

    /** Sets y[from .. from + rows) to totals times the rows' scales, which start at an address, or at 0 where there are none. */
    static void finish(long scales, int from, int rows, long totals, long y) {
        if (scales == 0) {
            for (int row = 0; row < rows; row++) {
                set(y + 4L * (from + row), get(totals + 4L * row));
            }
        } else {
            for (int row = 0; row < rows; row++) {
                set(y + 4L * (from + row), get(totals + 4L * row) * get(scales + 4L * (from + row)));
            }
        }
    }
}
