package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.set;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/**
 * Multiplies blocks of rows with a float32 matrix that was packed once: out = in · matrixᵀ.
 *
 * <p>Shapes: matrix [m, d], in [n, d], out [n, {@link #stride}], row-major float32 in native memory. Every product is added up in
 * one order: in blocks of {@value #BLOCK} columns, each a chain of fused multiply-adds from its first column to its last, and then
 * block after block. So it has the same bits wherever its row stands and whatever rows stand beside it, for any number of them, with
 * vectors of every width and on every processor.
 *
 * <p>An instance never changes and may be used by several threads at once; its memory is the arena's.
 */
public final class RowProducts {
    /** Columns that are added up before their sum is added to the result. */
    static final int BLOCK = 256;

    /** Rows of the matrix that lie side by side, so that one column of them is a few vectors: [panels, d, PANEL]. */
    static final int PANEL = 32;

    private final MemorySegment packed;
    private final int rows;
    private final int columns;

    private RowProducts(Arena arena, int rows, int columns) {
        MatrixMemory.checkShape(rows, columns);
        this.rows = rows;
        this.columns = columns;
        packed = arena.allocate(4L * stride() * columns, MatrixMemory.ALIGNMENT);
    }

    /** Packs a matrix [rows, columns] into memory of the arena. */
    @SuppressWarnings("ReachabilityFenceUsage")
    public static RowProducts of(Arena arena, MemorySegment matrix, int rows, int columns) {
        RowProducts products = new RowProducts(arena, rows, columns);
        MatrixMemory.checkNative("matrix", matrix, 4L * rows * columns);
        for (int row = 0; row < rows; row++) {
            long from = matrix.address() + 4L * row * columns;
            long to = products.at(row);
            for (int column = 0; column < columns; column++) {
                set(to + 4L * PANEL * column, get(from + 4L * column));
            }
        }
        Reference.reachabilityFence(matrix);
        return products;
    }

    /** Packs the transpose of a matrix [columns, rows] into memory of the arena. */
    public static RowProducts ofTransposed(Arena arena, MemorySegment matrix, int rows, int columns) {
        RowProducts products = new RowProducts(arena, rows, columns);
        MatrixMemory.checkNative("matrix", matrix, 4L * rows * columns);
        for (int row = 0; row < rows; row += PANEL) {
            long bytes = 4L * Math.min(PANEL, rows - row);
            for (int column = 0; column < columns; column++) {
                long to = 4L * ((long) row * columns + (long) PANEL * column);
                MemorySegment.copy(matrix, 4L * ((long) column * rows + row), products.packed, to, bytes);
            }
        }
        return products;
    }

    private long at(int row) {
        return packed.address() + 4L * ((long) row / PANEL * PANEL * columns + row % PANEL);
    }

    /** Rows of the matrix, m. */
    public int rows() {
        return rows;
    }

    /** Columns of the matrix, d. */
    public int columns() {
        return columns;
    }

    /** Floats from a row of out to the next: m rounded up to a multiple of {@value #PANEL}. */
    public int stride() {
        return Math.ceilDiv(rows, PANEL) * PANEL;
    }

    /**
     * Writes out [n, {@link #stride}], which must not overlap in; what lies in a row behind the m products becomes 0.
     *
     * @param inStride floats from a row of in to the next, at least d
     */
    @SuppressWarnings("ReachabilityFenceUsage") // where multiplying fails nothing is read any more
    public void multiply(MemorySegment in, int inStride, int n, MemorySegment out) {
        if (inStride < columns || n < 0) {
            throw new InputException("rows must be at least 0, with at least " + columns
                    + " floats from one to the next; got " + n + " and " + inStride);
        }
        MatrixMemory.checkNative("in", in, n == 0 ? 0 : 4L * ((n - 1L) * inStride + columns));
        MatrixMemory.checkNative("out", out, 4L * n * stride());
        MatrixMemory.checkOpen("the packed matrix", packed);
        try (Arena own = Arena.ofConfined()) {
            long sums = columns > BLOCK
                    ? own.allocate(4L * PANEL * n, MatrixMemory.ALIGNMENT).address()
                    : 0;
            for (int column = 0; column < columns; column += BLOCK) {
                int count = Math.min(BLOCK, columns - column);
                for (int row = 0; row < rows; row += PANEL) {
                    long matrix = at(row) + 4L * PANEL * column;
                    long to = out.address() + 4L * row;
                    panel(in.address() + 4L * column, 4L * inStride, n, matrix, count, to, column > 0 ? sums : 0);
                }
            }
        }
        Reference.reachabilityFence(in);
        Reference.reachabilityFence(out);
    }

    /** Sets n rows of a panel of out to the products over some columns, or adds these to them by way of sums [n, PANEL]. */
    private void panel(long in, long inRow, int n, long matrix, int count, long out, long sums) {
        long outRow = 4L * stride();
        boolean add = sums != 0;
        long to = add ? sums : out;
        long toRow = add ? 4L * PANEL : outRow;
        if (Simd.on()) {
            RowProductLanes.multiply(in, inRow, n, matrix, count, to, toRow);
            if (add) {
                RowProductLanes.add(sums, n, out, outRow);
            }
        } else {
            multiply(in, inRow, n, matrix, count, to, toRow);
            if (add) {
                add(sums, n, out, outRow);
            }
        }
    }

    static void multiply(long in, long inRow, int n, long matrix, int count, long to, long toRow) {
        for (int i = 0; i < n; i++) {
            for (int lane = 0; lane < PANEL; lane++) {
                float sum = 0;
                for (int k = 0; k < count; k++) {
                    sum = Math.fma(get(in + i * inRow + 4L * k), get(matrix + 4L * (PANEL * k + lane)), sum);
                }
                set(to + i * toRow + 4L * lane, sum);
            }
        }
    }

    static void add(long sums, int n, long out, long outRow) {
        for (int i = 0; i < n; i++) {
            for (int lane = 0; lane < PANEL; lane++) {
                long to = out + i * outRow + 4L * lane;
                set(to, get(to) + get(sums + 4L * (PANEL * i + lane)));
            }
        }
    }
}
