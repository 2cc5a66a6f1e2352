package dev.lapidary.concept.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.spread;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.runtime.kernel.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Products of a matrix in any layout with a panel: {@value #WIDTH} columns of a matrix, row after row without a gap, which
 * is how {@link VectorBottleneckStep} holds all that it owns.
 */
final class PanelProducts {
    /** Columns of a panel: two of the widest vectors. */
    static final int WIDTH = 32;

    /** Bytes of a panel's row. */
    static final int ROW = 4 * WIDTH;

    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private PanelProducts() {}

    /** A matrix by address: the element (r, i) lies at address + r · row + i · column. */
    record Strided(long address, long row, long column) {
        Strided from(long rows) {
            return new Strided(address + rows * row, row, column);
        }
    }

    /** Sets the rows of out (a multiple of 4) to a [rows, n] times b [n, 32], or adds that to them. */
    static void multiply(Strided a, int rows, int n, long b, long out, boolean add) {
        for (int r = 0; r < rows; r += 4) {
            for (int o = 0; o < ROW; o += 2 * VECTOR) {
                tile(a.address + r * a.row, a.row, a.column, n, b + o, out + (long) r * ROW + o, add);
            }
        }
    }

    /** Four rows by two vectors: eight sums in registers. */
    private static void tile(long a, long row, long column, int n, long b, long out, boolean add) {
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        FloatVector s00 = add ? load(out) : zero;
        FloatVector s01 = add ? load(out + VECTOR) : zero;
        FloatVector s10 = add ? load(out + ROW) : zero;
        FloatVector s11 = add ? load(out + ROW + VECTOR) : zero;
        FloatVector s20 = add ? load(out + 2 * ROW) : zero;
        FloatVector s21 = add ? load(out + 2 * ROW + VECTOR) : zero;
        FloatVector s30 = add ? load(out + 3 * ROW) : zero;
        FloatVector s31 = add ? load(out + 3 * ROW + VECTOR) : zero;
        for (int i = 0; i < n; i++) {
            long from = a + i * column;
            FloatVector b0 = load(b + (long) i * ROW);
            FloatVector b1 = load(b + (long) i * ROW + VECTOR);
            FloatVector v = spread(from);
            s00 = v.fma(b0, s00);
            s01 = v.fma(b1, s01);
            v = spread(from + row);
            s10 = v.fma(b0, s10);
            s11 = v.fma(b1, s11);
            v = spread(from + 2 * row);
            s20 = v.fma(b0, s20);
            s21 = v.fma(b1, s21);
            v = spread(from + 3 * row);
            s30 = v.fma(b0, s30);
            s31 = v.fma(b1, s31);
        }
        store(s00, out);
        store(s01, out + VECTOR);
        store(s10, out + ROW);
        store(s11, out + ROW + VECTOR);
        store(s20, out + 2 * ROW);
        store(s21, out + 2 * ROW + VECTOR);
        store(s30, out + 3 * ROW);
        store(s31, out + 3 * ROW + VECTOR);
    }
}
