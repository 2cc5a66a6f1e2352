package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.kernel.DenseMatrix.Scaling;

/** The loops in vectors; loaded only where {@link Simd#on()}. Each is a small method, which C2 compiles on its own. */
final class VectorProductPasses implements ProductPasses {
    private static final int ROW = 4 * ProductSums.PARTS; // bytes of a dense row's sums

    @Override
    public long preparedBytes(WeightMatrix weights) {
        return switch (weights) {
            case DenseMatrix dense -> dense.type().isHalf() ? 4L * (dense.columns() + 16) : 0;
            case SparseMatrix sparse ->
                SparseLanes.preparedBytes(sparse.layout().chunks());
        };
    }

    @Override
    public void prepare(WeightMatrix weights, long x, long prepared) {
        switch (weights) {
            case DenseMatrix dense -> {
                if (dense.type().isHalf()) {
                    DenseLanes.splitPairs(x, dense.columns() / 32, prepared);
                }
            }
            case SparseMatrix sparse ->
                SparseLanes.replicate(x, sparse.columns(), sparse.layout().chunks(), prepared);
        }
    }

    @Override
    public void dense(DenseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        int together = DenseLanes.rows(weights);
        int groups = (to - from) / together;
        for (int group = 0; group < groups; group++) {
            rows(weights, from + group, groups, scratch, scratch.sums + (long) group * ROW);
        }
        for (int row = from + groups * together; row < to; row++) {
            rows(weights, row, 0, scratch, scratch.sums + (long) (row - from) * ROW);
        }
        DenseLanes.totals(scratch.sums, to - from, scratch.totals);
        ProductSums.finish(weights, from, to, scratch, y);
    }

    /**
     * Multiplies rows that lie step rows apart, or one row again and again. A group takes every step-th row, so that the next
     * group goes on where this one's streams end: the processor fetches a long stream ahead, but not the start of a new one.
     */
    private static void rows(DenseMatrix weights, int row, int step, ProductScratch scratch, long sums) {
        int columns = weights.columns();
        int n = ProductSums.whole(weights);
        long rowBytes = (long) columns * weights.type().bytes();
        long at = weights.data().address() + row * rowBytes;
        long stride = step * rowBytes;
        long sumStride = (long) step * ROW;
        switch (weights.type()) {
            case F32 -> DenseLanes.floats(at, stride, n, scratch.x, sums, sumStride);
            case BF16 -> DenseLanes.halves(at, stride, n, scratch.prepared(), sums, sumStride);
            case F16 -> DenseLanes.float16s(at, stride, n, scratch.prepared(), sums, sumStride);
            case INT8 -> {
                if (weights.scaling() == Scaling.BLOCK) {
                    long blocks = DenseMatrix.blocks(columns);
                    long scales = weights.scales().address() + 4L * row * blocks;
                    DenseLanes.blocks(at, stride, scales, 4L * step * blocks, n, scratch.x, sums, sumStride);
                } else {
                    DenseLanes.bytes(at, stride, n, scratch.x, sums, sumStride);
                }
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Two panels are read side by side, each the first of a run that is as long as can be: memory delivers two long streams
     * faster than one. Float32 is so fast to work on that one stream is faster.
     */
    @Override
    public void sparse(SparseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        int whole = Math.min(to, weights.rows() / SparseLayout.PANEL);
        int run = weights.type() == WeightType.F32 ? 0 : (whole - from) / 2;
        for (int panel = from; panel < from + run; panel++) {
            rows(weights, panel, 2, run, scratch, y);
        }
        for (int panel = from + 2 * run; panel < to; panel++) {
            rows(weights, panel, 1, 0, scratch, y);
        }
    }

    /** Multiplies a panel, or two whole ones, the second {@code apart} panels after the first. */
    private static void rows(SparseMatrix weights, int from, int panels, int apart, ProductScratch scratch, long y) {
        SparseLayout layout = weights.layout();
        long data = weights.data().address() + layout.panelAt(from);
        int lanes = layout.blocks(from) * SparseLayout.BLOCK;
        SparseLanes.rows(
                weights.type(),
                data,
                panels,
                layout.panelAt(apart),
                lanes,
                layout.chunks(),
                scratch.prepared(),
                scratch.parts,
                scratch.totals);
        for (int panel = 0; panel < panels; panel++) {
            int row = (from + panel * apart) * SparseLayout.PANEL;
            int rows = Math.min(SparseLayout.PANEL, weights.rows() - row);
            ProductSums.finish(
                    weights.scales().address(), row, rows, scratch.totals + 4L * panel * SparseLayout.PANEL, y);
        }
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
