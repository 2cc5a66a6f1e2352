package dev.lapidary.sparsity;

import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Removes weights of a linear layer one column after the other and moves those to the right so that the layer's output on the
 * calibration text changes least.
 *
 * <p>With U the factor of {@link HessianFactor}: at every column that begins a group the M − N smallest of W²_k/U²_kk go, with
 * the weights as they then are; a removed weight leaves the error e = W_j/U_jj, and W_k −= e·U_jk for every k &gt; j. Columns
 * are treated in blocks: within one row after row in cache, after it all columns to the right by one matrix product. The
 * block's width does not alter the result. float64 inside, because the errors of all earlier columns add up in a weight.
 *
 * <p>Shapes: weight [out, in], codes [out · in / M] row-major; in is a multiple of M.
 *
 * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh, SparseGPT, ICML 2023</a>
 */
public final class SparseGpt {
    /** Columns per block in the published code. */
    static final int BLOCK = 128;

    private static final int PIECE = 1 << 22; // weights treated at once

    /**
     * A layer's choice.
     *
     * @param codes pattern of every group
     * @param weights new weights [out, in], float64, 0 where removed; belongs to the open scope, else to the caller; null
     *     where weights stay as they are
     * @param loss ½Σe², the predicted loss up to a factor
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Pruned(byte[] codes, @Nullable Tensor weights, double loss) {}

    private SparseGpt() {}

    /** Chooses by W²/U² of the unchanged weights; those of dead inputs count as 0. */
    public static Pruned choose(Tensor weight, HessianFactor factor, SparsityPattern pattern) {
        double[] factors = factor.diagonal();
        for (int j = 0; j < factors.length; j++) {
            factors[j] = factor.dead()[j] ? 0 : 1 / factors[j];
        }
        byte[] codes = WeightScores.largest(weight, factors, pattern);
        return new Pruned(codes, null, lossOf(weight, factors, codes, pattern));
    }

    private static double lossOf(Tensor weight, double[] factors, byte[] codes, SparsityPattern pattern) {
        int m = pattern.of();
        int groups = factors.length / m; // per row
        double loss = 0;
        for (int row = 0; row < weight.size(0); row++) {
            double[] values = WeightScores.rows(weight, row, 1);
            for (int j = 0; j < values.length; j++) {
                double e = values[j] * factors[j];
                loss += pattern.keeps(codes[row * groups + j / m], j % m) ? 0 : e * e / 2;
            }
        }
        return loss;
    }

    /** Chooses and updates with blocks of the published width. */
    public static Pruned update(Tensor weight, HessianFactor factor, SparsityPattern pattern) {
        return update(weight, factor, pattern, BLOCK);
    }

    /**
     * Chooses and updates.
     *
     * @param block columns per block, rounded down to whole groups
     */
    static Pruned update(Tensor weight, HessianFactor factor, SparsityPattern pattern, int block) {
        long rows = weight.size(0);
        int columns = (int) weight.size(1);
        WeightScores.requireGroups(columns, pattern);
        GroupChoice choice = new GroupChoice(pattern);
        byte[] codes = new byte[Math.toIntExact(rows * columns / pattern.of())];
        int width = Math.max(pattern.of(), block / pattern.of() * pattern.of());
        int step = Math.max(1, PIECE / columns);
        double loss = 0;
        try (TorchScope scope = TorchScope.open()) {
            Tensor result = weight.detach().to(ScalarType.Double).contiguous().clone();
            for (int from = 0; from < rows; from += step) {
                Tensor piece = result.narrow(0, from, Math.min(step, rows - from));
                loss += updateRows(piece, factor, width, new BlockElimination(choice, codes, from, columns));
            }
            return new Pruned(codes, scope.keep(result), loss);
        }
    }

    /** Treats some rows in place, all their columns. */
    private static double updateRows(Tensor rows, HessianFactor factor, int width, BlockElimination elimination) {
        int columns = (int) rows.size(1);
        double loss = 0;
        for (int j = 0; j < columns; j++) {
            if (factor.dead()[j]) {
                zero(rows, j);
            }
        }
        for (int from = 0; from < columns; from += width) {
            loss += updateBlock(rows, factor.upper(), from, Math.min(width, columns - from), elimination);
        }
        return loss;
    }

    private static void zero(Tensor rows, int column) {
        try (TorchScope scope = TorchScope.open()) {
            rows.narrow(1, column, 1).zero_();
        }
    }

    private static double updateBlock(Tensor rows, Tensor upper, int from, int width, BlockElimination elimination) {
        long count = rows.size(0);
        long rest = rows.size(1) - from - width;
        try (TorchScope scope = TorchScope.open()) {
            Tensor band = upper.narrow(0, from, width);
            double[] values = Tensors.toDoubles(rows.narrow(1, from, width));
            double[] errors = new double[values.length];
            double loss = elimination.run(values, errors, Tensors.toDoubles(band.narrow(1, from, width)), from, width);
            rows.narrow(1, from, width).copy_(Tensors.of(values, count, width));
            if (rest > 0) {
                Tensor right = band.narrow(1, from + width, rest);
                rows.narrow(1, from + width, rest)
                        .addmm_(Tensors.of(errors, count, width), right, new Scalar(1), new Scalar(-1));
            }
            return loss;
        }
    }
}
