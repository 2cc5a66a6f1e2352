package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.getByte;
import static dev.lapidary.runtime.kernel.RawMemory.getInt;
import static dev.lapidary.runtime.kernel.RawMemory.getShort;
import static dev.lapidary.runtime.kernel.RawMemory.set;

import java.util.Arrays;

/** The loops value by value, for JVMs without the Vector API, and what the vectors are tested against. */
final class ScalarProductPasses implements ProductPasses {
    private static final int TOKENS = 8;

    @Override
    public long preparedBytes(WeightMatrix weights) {
        return 0;
    }

    @Override
    public void prepare(WeightMatrix weights, long x, long prepared) {
        // the loops below read x as it is
    }

    @Override
    public void dense(DenseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        int whole = ProductSums.whole(weights);
        float[] parts = new float[ProductSums.PARTS];
        for (int row = from; row < to; row++) {
            Arrays.fill(parts, 0f);
            if (weights.scaling() == DenseMatrix.Scaling.BLOCK) {
                addBlocks(weights, row, whole, scratch.x, parts);
            } else {
                int columns = weights.type().isHalf() ? 2 : 1; // that follow each other in a part
                for (int column = 0; column < whole; column++) {
                    int part = column / columns % ProductSums.PARTS;
                    parts[part] = Math.fma(
                            ProductSums.stored(weights, row, column), get(scratch.x + 4L * column), parts[part]);
                }
            }
            set(scratch.totals + 4L * (row - from), tree(parts));
        }
        ProductSums.finish(weights, from, to, scratch, y);
    }

    private static void addBlocks(DenseMatrix weights, int row, int whole, long x, float[] parts) {
        for (int from = 0; from < whole; from += DenseMatrix.BLOCK) {
            float scale = ProductSums.scale(weights, row, from);
            for (int i = from; i < from + ProductSums.PARTS; i++) {
                int j = i + ProductSums.PARTS;
                float low = Math.fma(ProductSums.stored(weights, row, i), get(x + 4L * i), 0f);
                float both = Math.fma(ProductSums.stored(weights, row, j), get(x + 4L * j), low);
                parts[i - from] = Math.fma(both, scale, parts[i - from]);
            }
        }
    }

    /** Adds up halves first. */
    private static float tree(float[] parts) {
        for (int half = parts.length / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                parts[i] += parts[i + half];
            }
        }
        return parts[0];
    }

    @Override
    public void sparse(SparseMatrix weights, int from, int to, ProductScratch scratch, long y) {
        for (int panel = from; panel < to; panel++) {
            sparse(weights, panel, scratch, y);
        }
    }

    private static void sparse(SparseMatrix weights, int panel, ProductScratch scratch, long y) {
        SparseLayout layout = weights.layout();
        int from = panel * SparseLayout.PANEL;
        int rows = Math.min(SparseLayout.PANEL, weights.rows() - from);
        for (int lane = 0; lane < rows; lane++) {
            float sum = 0;
            for (int group = 0; group < weights.columns() / 4; group++) {
                long x = scratch.x + 16L * group;
                int word = word(weights, layout, panel, lane, group);
                sum = Math.fma(value(weights, layout, panel, lane, group, 0), get(x + 4L * (word & 3)), sum);
                sum = Math.fma(value(weights, layout, panel, lane, group, 1), get(x + 4L * (word >>> 2 & 3)), sum);
            }
            set(scratch.totals + 4L * lane, sum);
        }
        ProductSums.finish(weights.scales().address(), from, rows, scratch.totals, y);
    }

    /** Returns the column codes of a group in the low four bits. */
    private static int word(SparseMatrix weights, SparseLayout layout, int panel, int lane, int group) {
        return getInt(chunk(weights, layout, panel, group) + 4L * lane) >>> 4 * (group % SparseLayout.GROUPS);
    }

    private static long chunk(SparseMatrix weights, SparseLayout layout, int panel, int group) {
        return weights.data().address()
                + layout.panelAt(panel)
                + (long) (group / SparseLayout.GROUPS) * layout.blocks(panel) * layout.blockBytes();
    }

    private static float value(
            SparseMatrix weights, SparseLayout layout, int panel, int lane, int group, int survivor) {
        int lanes = layout.blocks(panel) * SparseLayout.BLOCK;
        long values = chunk(weights, layout, panel, group) + 4L * lanes;
        int i = group % SparseLayout.GROUPS;
        return switch (weights.type()) {
            case F32 -> get(values + 4L * ((2 * i + survivor) * lanes + lane));
            case BF16 -> Bfloat16.widen(getShort(values + 4L * (i * lanes + lane) + 2L * survivor));
            case INT8 -> getByte(values + (2L * i + survivor) * lanes + lane);
            case F16 -> throw new IllegalStateException(SparseLayout.NEVER);
        };
    }

    @Override
    public int tokens() {
        return TOKENS;
    }

    @Override
    public void unpack(DenseMatrix weights, int row, int rows, int from, int n, long to) {
        boolean blocks = weights.scaling() == DenseMatrix.Scaling.BLOCK;
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < n; k++) {
                float stored = ProductSums.stored(weights, row + r, from + k);
                float value = blocks ? stored * ProductSums.scale(weights, row + r, from + k) : stored;
                set(to + WeightBlock.DENSE.rowAt(r) + 4L * k, value);
            }
        }
    }

    @Override
    public void unpack(SparseMatrix weights, int panel, int from, int n, long to) {
        SparseLayout layout = weights.layout();
        for (int lane = 0; lane < layout.blocks(panel) * SparseLayout.BLOCK; lane++) {
            long row = to + WeightBlock.SPARSE.rowAt(lane);
            for (int k = 0; k < n * SparseLayout.CHUNK; k += 4) {
                int group = (from + k) / 4;
                int word = word(weights, layout, panel, lane, group);
                for (int i = 0; i < 4; i++) {
                    set(row + (k + i) * WeightBlock.SPARSE.column, 0f);
                }
                // a padded group has both codes 0 and both values 0
                for (int survivor = 0; survivor < 2; survivor++) {
                    set(
                            row + (k + (word >>> 2 * survivor & 3)) * WeightBlock.SPARSE.column,
                            value(weights, layout, panel, lane, group, survivor));
                }
            }
        }
    }

    @Override
    public void multiply(
            long weights, WeightBlock block, int rows, int n, long x, long sums, long sumRow, boolean add) {
        for (int row = 0; row < rows; row++) {
            for (int token = 0; token < TOKENS; token++) {
                long to = sums + row * sumRow + 4L * token;
                float sum = add ? get(to) : 0;
                for (int k = 0; k < n; k++) {
                    sum = Math.fma(
                            get(weights + block.rowAt(row) + k * block.column),
                            get(x + 4L * (k * TOKENS + token)),
                            sum);
                }
                set(to, sum);
            }
        }
    }
}
