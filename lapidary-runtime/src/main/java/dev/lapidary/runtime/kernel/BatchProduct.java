package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.set;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies many vectors with one matrix: weights are unpacked block by block to float32 in the second cache, and each block
 * is multiplied with all vectors, which lie in panels of a few tokens, column after column, a lane per token.
 */
final class BatchProduct implements AutoCloseable {
    private static final int MOST_TOKENS = 512;

    private final ProductPasses passes;
    private final WorkCrew crew;
    private final ProductScratch[] scratch;
    private final ProductScratch.Grown panels = new ProductScratch.Grown();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger nextPanel = new AtomicInteger();
    private final WorkCrew.Body body = this::run;

    private @Nullable WeightMatrix weights; // of the current call
    private long x;
    private long y;
    private int n;
    private int width; // n rounded up to whole panels
    private long packed;

    BatchProduct(ProductPasses passes, WorkCrew crew, ProductScratch[] scratch) {
        this.passes = passes;
        this.crew = crew;
        this.scratch = scratch;
    }

    /** Sets y [n, rows] to x [n, columns] times the transposed matrix. */
    void multiply(WeightMatrix matrix, long in, int tokens, long out) {
        weights = matrix;
        for (int from = 0; from < tokens; from += MOST_TOKENS) {
            n = Math.min(MOST_TOKENS, tokens - from);
            width = (n + passes.tokens() - 1) / passes.tokens() * passes.tokens();
            x = in + 4L * from * matrix.columns();
            y = out + 4L * from * matrix.rows();
            packed = panels.atLeast(4L * width * matrix.columns());
            next.set(0);
            nextPanel.set(0);
            crew.run(body);
        }
        weights = null;
    }

    private void run(int worker) {
        WeightMatrix matrix = weights;
        if (matrix == null) {
            throw new IllegalStateException("a product must be under way; got none");
        }
        int lanes = passes.tokens();
        for (int p = nextPanel.getAndIncrement(); p < width / lanes; p = nextPanel.getAndIncrement()) {
            pack(p * lanes, lanes, matrix.columns());
        }
        crew.barrier();
        ProductScratch own = scratch[worker];
        int units = (matrix.rows() - 1) / SparseLayout.PANEL + 1;
        for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
            multiplyRows(matrix, unit, own);
        }
    }

    /** Writes a panel of tokens [columns, lanes]; tokens that do not exist are 0. */
    private void pack(int token, int lanes, int columns) {
        long to = packed + 4L * token * columns;
        for (int lane = 0; lane < lanes; lane++) {
            boolean exists = token + lane < n;
            long from = x + 4L * (token + lane) * columns;
            for (int column = 0; column < columns; column++) {
                set(to + 4L * (column * (long) lanes + lane), exists ? get(from + 4L * column) : 0f);
            }
        }
    }

    private void multiplyRows(WeightMatrix matrix, int unit, ProductScratch own) {
        int columns = matrix.columns();
        int first = unit * SparseLayout.PANEL;
        int rows = Math.min(SparseLayout.PANEL, matrix.rows() - first);
        int whole = (rows + 7) / 8 * 8;
        long sums = own.tokenSums(4L * SparseLayout.PANEL * width);
        long block = own.weights();
        for (int from = 0; from < columns; from += WeightBlock.COLUMNS) {
            int count = Math.min(WeightBlock.COLUMNS, columns - from);
            WeightBlock order = switch (matrix) {
                case DenseMatrix dense -> {
                    passes.unpack(dense, first, rows, from, count, block);
                    yield WeightBlock.DENSE;
                }
                case SparseMatrix sparse -> {
                    passes.unpack(sparse, unit, from, (count - 1) / SparseLayout.CHUNK + 1, block);
                    yield WeightBlock.SPARSE;
                }
            };
            for (int token = 0; token < width; token += passes.tokens()) {
                long panel = packed + 4L * ((long) token * columns + (long) from * passes.tokens());
                passes.multiply(block, order, whole, count, panel, sums + 4L * token, 4L * width, from > 0);
            }
        }
        finish(matrix, first, rows, sums);
    }

    private void finish(WeightMatrix matrix, int first, int rows, long sums) {
        for (int row = 0; row < rows; row++) {
            float scale = rowScale(matrix, first + row);
            long from = sums + 4L * row * width;
            long to = y + 4L * (first + row);
            for (int token = 0; token < n; token++) {
                set(to + 4L * token * matrix.rows(), get(from + 4L * token) * scale);
            }
        }
    }

    private static float rowScale(WeightMatrix matrix, int row) {
        return switch (matrix) {
            case DenseMatrix dense ->
                dense.scaling() == DenseMatrix.Scaling.ROW ? get(dense.scales().address() + 4L * row) : 1;
            case SparseMatrix sparse ->
                sparse.type() == WeightType.INT8 ? get(sparse.scales().address() + 4L * row) : 1;
        };
    }

    @Override
    public void close() {
        panels.close();
    }
}
