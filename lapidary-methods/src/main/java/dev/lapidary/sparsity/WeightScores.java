package dev.lapidary.sparsity;

import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Chooses patterns by scores |W_ij|·f_j, where f is 1 (magnitude), √(mean x_j²) (Wanda) or 1/U_jj (SparseGPT on unchanged
 * weights, whose W²/U² sorts alike).
 *
 * <p>Shapes: weight [out, in], factors [in], codes [out · in / M] row-major; in is a multiple of M.
 */
public final class WeightScores {
    private static final int PIECE = 1 << 20; // weights scored at once

    private WeightScores() {}

    /** Returns the codes that keep the largest |W|. */
    public static byte[] magnitude(Tensor weight, SparsityPattern pattern) {
        double[] ones = new double[(int) weight.size(1)];
        Arrays.fill(ones, 1);
        return largest(weight, ones, pattern);
    }

    /**
     * Returns the codes that keep the largest |W_ij|·√s_j.
     *
     * @param squares s, mean of x_j² up to a common factor, [in]
     */
    public static byte[] wanda(Tensor weight, double[] squares, SparsityPattern pattern) {
        return largest(weight, Arrays.stream(squares).map(Math::sqrt).toArray(), pattern);
    }

    /**
     * Returns the codes that keep the largest scores.
     *
     * @param scores [out, in], at least 0
     */
    public static byte[] largest(Tensor scores, SparsityPattern pattern) {
        return magnitude(scores, pattern);
    }

    static byte[] largest(Tensor weight, double[] factors, SparsityPattern pattern) {
        int rows = (int) weight.size(0);
        int columns = (int) weight.size(1);
        requireGroups(columns, pattern);
        GroupChoice choice = new GroupChoice(pattern);
        int groups = columns / pattern.of(); // per row
        byte[] codes = new byte[Math.multiplyExact(rows, groups)];
        int step = Math.max(1, PIECE / columns);
        for (int from = 0; from < rows; from += step) {
            double[] scores = rows(weight, from, Math.min(step, rows - from));
            scale(scores, factors);
            for (int g = 0; g < scores.length / pattern.of(); g++) {
                codes[from * groups + g] = choice.code(choice.largest(scores, g * pattern.of()));
            }
        }
        return codes;
    }

    static void requireGroups(long columns, SparsityPattern pattern) {
        if (columns % pattern.of() != 0) {
            throw new IllegalArgumentException("in must be a multiple of m; got in=" + columns + ", m=" + pattern.of());
        }
    }

    /** Copies some rows, one after the other. */
    static double[] rows(Tensor weight, int from, int count) {
        try (TorchScope scope = TorchScope.open()) {
            return Tensors.toDoubles(weight.narrow(0, from, count));
        }
    }

    private static void scale(double[] rows, double[] factors) {
        for (int from = 0; from < rows.length; from += factors.length) {
            for (int j = 0; j < factors.length; j++) {
                rows[from + j] = Math.abs(rows[from + j]) * factors[j];
            }
        }
    }
}
