package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;

/** The loops in vectors; loaded only where {@link Simd#on()}. Each is a small method, which C2 compiles on its own. */
final class VectorProductPasses implements ProductPasses {
    private static final int ROW = 4 * ProductSums.PARTS; // bytes of a dense row's sums

    @Override
    public long preparedBytes(WeightMatrix weights) {
        return switch (weights) {
            case DenseMatrix dense -> dense.type() == WeightType.BF16 ? 4L * (dense.columns() + 16) : 0;
            case SparseMatrix sparse ->
                SparseLanes.preparedBytes(sparse.layout().chunks());
        };
    }

    @Override
    public void prepare(WeightMatrix weights, long x, long prepared) {
        switch (weights) {
            case DenseMatrix dense -> {
                if (dense.type() == WeightType.BF16) {
                    DenseLanes.splitPairs(x, dense.columns() / 32, prepared);
                }
            }
            case SparseMatrix sparse ->
                SparseLanes.replicate(x, sparse.columns(), sparse.layout().chunks(), prepared);
        }
    }

    @Override
    public void dense(DenseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        int row = from;
        for (; row + DenseLanes.ROWS <= to; row += DenseLanes.ROWS) {
            rows(weights, row, true, scratch, scratch.sums + (long) (row - from) * ROW);
        }
        for (; row < to; row++) {
            rows(weights, row, false, scratch, scratch.sums + (long) (row - from) * ROW);
        }
        DenseLanes.totals(scratch.sums, to - from, scratch.totals);
        ProductSums.finish(weights, from, to, scratch, y);
    }

    /** Multiplies rows that follow each other, or the same row again and again. */
    private static void rows(DenseMatrix weights, int row, boolean step, ProductScratch scratch, long sums) {
        int columns = weights.columns();
        int n = ProductSums.whole(weights);
        long rowBytes = (long) columns * weights.type().bytes();
        long at = weights.data().address() + row * rowBytes;
        long stride = step ? rowBytes : 0;
        switch (weights.type()) {
            case F32 -> DenseLanes.floats(at, stride, n, scratch.x, sums);
            case BF16 -> DenseLanes.halves(at, stride, n, scratch.prepared(), sums);
            case INT8 -> {
                if (weights.scaling() == Scaling.BLOCK) {
                    long blocks = DenseMatrix.blocks(columns);
                    long scales = weights.scales().address() + 4 * row * blocks;
                    DenseLanes.blocks(at, stride, scales, step ? 4 * blocks : 0, n, scratch.x, sums);
                } else {
                    DenseLanes.bytes(at, stride, n, scratch.x, sums);
                }
            }
        }
    }

    @Override
    public void sparse(SparseMatrix weights, int panel, ProductScratch scratch, long y) {
        SparseLayout layout = weights.layout();
        int from = panel * SparseLayout.PANEL;
        int rows = Math.min(SparseLayout.PANEL, weights.rows() - from);
        long data = weights.data().address() + layout.panelAt(panel);
        int lanes = layout.blocks(panel) * SparseLayout.BLOCK;
        SparseLanes.rows(weights.type(), data, lanes, layout.chunks(), scratch.prepared(), scratch.totals);
        ProductSums.finish(weights.scales().address(), from, rows, scratch.totals, y);
    }

    @Override
    public int tokens() {
        return BatchLanes.TOKENS;
    }

    @Override
    public void unpack(DenseMatrix weights, int row, int rows, int from, int n, long to) {
        UnpackLanes.dense(weights, row, rows, from, n, to);
    }

    @Override
    public void unpack(SparseMatrix weights, int panel, int from, int n, long to) {
        SparseLayout layout = weights.layout();
        int blocks = layout.blocks(panel);
        int chunk = from / SparseLayout.CHUNK;
        long data = weights.data().address() + layout.panelAt(panel) + (long) chunk * blocks * layout.blockBytes();
        UnpackLanes.sparse(weights.type(), data, blocks, n, to);
    }

    @Override
    public void multiply(
            long weights, WeightBlock block, int rows, int n, long x, long sums, long sumRow, boolean add) {
        for (int row = 0; row < rows; row += BatchLanes.ROWS) {
            BatchLanes.multiply(
                    weights + block.rowAt(row), block.row, block.column, n, x, sums + row * sumRow, sumRow, add);
        }
    }
}
