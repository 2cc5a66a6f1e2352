package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.getByte;
import static dev.lapidary.runtime.kernel.RawMemory.getShort;
import static dev.lapidary.runtime.kernel.RawMemory.set;

/** What every width does alike: the columns behind the last whole chunk, and scales. */
final class ProductSums {
    /** A dense row is added up in so many parts: column c belongs to part c mod 32. */
    static final int PARTS = 32;

    private ProductSums() {}

    /** Returns a weight without its scale. */
    static float stored(DenseMatrix weights, int row, int column) {
        long i = (long) row * weights.columns() + column;
        long data = weights.data().address();
        return switch (weights.type()) {
            case F32 -> get(data + 4 * i);
            case BF16 -> Bfloat16.widen(getShort(data + 2 * i));
            case INT8 -> getByte(data + i);
        };
    }

    /** Returns the scale of a column's block. */
    static float scale(DenseMatrix weights, int row, int column) {
        long blocks = DenseMatrix.blocks(weights.columns());
        return get(weights.scales().address() + 4 * (row * blocks + column / DenseMatrix.BLOCK));
    }

    /** Sets y[row] to the sum of the whole chunks plus that of the columns behind them, times the row's scale. */
    static void finish(DenseMatrix weights, int row, float sum, long x, long y) {
        int columns = weights.columns();
        float tail = 0;
        for (int column = columns / PARTS * PARTS; column < columns; column++) {
            tail = Math.fma(stored(weights, row, column), get(x + 4L * column), tail);
        }
        float total =
                switch (weights.scaling()) {
                    case NONE -> sum + tail;
                    case ROW -> (sum + tail) * get(weights.scales().address() + 4L * row);
                    case BLOCK ->
                        columns % PARTS == 0 ? sum : Math.fma(tail, scale(weights, row, columns - 1), sum);
                };
        set(y + 4L * row, total);
    }

    /** Sets y[from .. from + rows) to sums times the rows' scales. */
    static void finish(SparseMatrix weights, int from, int rows, long sums, long y) {
        boolean scaled = weights.type() == WeightType.INT8;
        long scales = weights.scales().address() + 4L * from;
        for (int row = 0; row < rows; row++) {
            float sum = get(sums + 4L * row);
            set(y + 4L * (from + row), scaled ? sum * get(scales + 4L * row) : sum);
        }
    }
}
