package dev.lapidary.linalg;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Factors a matrix A [m, n] into singular values and vectors, A ≈ U·diag(s)·Vᵀ: the best approximation of its rank.
 *
 * <p>The entry of largest magnitude of each left vector (of several the first) is positive, so that the same matrix gives the same
 * bytes on a machine at the same number of threads. Vectors of equal singular values, among them 0, are any orthonormal basis.
 *
 * <p>Factors have the matrix's type, float32 or float64, are contiguous and carry no gradient. They belong to the scope that was open
 * when they were made; where none was, {@link #close} frees them.
 *
 * @param u left singular vectors as columns [m, rank]
 * @param s singular values, largest first, at least 0 [rank]
 * @param vt right singular vectors as rows [rank, n]
 */
public record Svd(Tensor u, Tensor s, Tensor vt) implements AutoCloseable {
    /**
     * How {@link #randomised} looks for the largest singular vectors.
     *
     * @param oversampling directions beside the wanted rank, at least 0
     * @param iterations products with A·Aᵀ, at least 0; each makes small singular values smaller against large ones
     * @param seed of the random directions
     */
    public record Sketch(int oversampling, int iterations, long seed) {
        /** Checks the ranges. */
        public Sketch {
            if (oversampling < 0 || iterations < 0) {
                throw new IllegalArgumentException(
                        "oversampling and iterations must be at least 0; got " + oversampling + " and " + iterations);
            }
        }

        /**
         * Returns 10 directions beside the rank, as the source proposes, and 4 iterations, where it finds 1 or 2 to be enough for most
         * spectra: flat ones need more.
         */
        public static Sketch defaults(long seed) {
            return new Sketch(10, 4, seed);
        }
    }

    /** Factors a matrix [m, n] exactly; the rank is min(m, n). */
    public static Svd of(Tensor matrix) {
        return of(matrix, (int) Math.min(matrix.size(0), matrix.size(-1)));
    }

    /** Factors a matrix [m, n] exactly and keeps the largest singular values: the best approximation of a rank. */
    public static Svd of(Tensor matrix, int rank) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor a = Matrices.require("a matrix", matrix);
            Matrices.requireRank(a, rank);
            T_TensorTensorTensor_T factors = torch.linalg_svd(a, false, null);
            return cut(scope, factors, factors.get0(), rank);
        }
    }

    /**
     * Factors a matrix [m, n] approximately, in time m·n·rank: a random sketch of its range, sharpened by products with A·Aᵀ, and the
     * exact factors of the matrix within that range. Where rank + oversampling reaches min(m, n) it is exact but for rounding.
     *
     * @see <a href="https://arxiv.org/abs/0909.4061">Halko, Martinsson and Tropp 2011, Finding structure with randomness, algorithms 4.4
     *     and 5.1</a>
     */
    public static Svd randomised(Tensor matrix, int rank, Sketch sketch) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor a = Matrices.require("a matrix", matrix);
            Matrices.requireRank(a, rank);
            Tensor range = range(a, rank, sketch); // [m, l]
            T_TensorTensorTensor_T factors = torch.linalg_svd(range.t().mm(a), false, null);
            return cut(scope, factors, range.mm(factors.get0()), rank);
        }
    }

    /** Returns an orthonormal basis of nearly what A maps most to [m, l], l at most min(m, n). */
    private static Tensor range(Tensor a, int rank, Sketch sketch) {
        long directions = Math.min((long) rank + sketch.oversampling(), Math.min(a.size(0), a.size(1)));
        Tensor range = basis(a.mm(gaussian(sketch.seed(), a.size(1), directions).to(a.scalar_type())));
        for (int i = 0; i < sketch.iterations(); i++) {
            range = basis(a.mm(basis(a.t().mm(range))));
        }
        return range;
    }

    private static Tensor basis(Tensor columns) {
        return torch.linalg_qr(columns).get0();
    }

    private static Tensor gaussian(long seed, long rows, long columns) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double[] values = new double[Math.toIntExact(rows * columns)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Tensors.of(values, rows, columns);
    }

    private static Svd cut(TorchScope scope, T_TensorTensorTensor_T factors, Tensor left, int rank) {
        Tensor u = left.narrow(1, 0, rank); // [m, rank]
        Tensor signs = Matrices.signs(u); // [1, rank]
        Tensor vt = factors.get2().narrow(0, 0, rank); // [rank, n]
        return new Svd(
                scope.keep(u.mul(signs).contiguous()),
                scope.keep(factors.get1().narrow(0, 0, rank).abs()), // -0.0 becomes 0.0
                scope.keep(vt.mul(signs.t()).contiguous()));
    }

    /** Returns how many singular values there are. */
    public int rank() {
        return (int) s.size(0);
    }

    /** Returns U·diag(s)·Vᵀ [m, n]; the open scope or the caller frees it. */
    public Tensor product() {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            return scope.keep(u.mul(s).mm(vt));
        }
    }

    /** Frees the factors. */
    @Override
    public void close() {
        u.close();
        s.close();
        vt.close();
    }
}
