package dev.lapidary.linalg;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Factors a symmetric positive definite matrix A [n, n] as L·Lᵀ, and solves systems with it.
 *
 * <p>Everything has the matrix's type, float32 or float64, and carries no gradient. Tensors belong to the scope that was open when they
 * were made, else to the caller; {@link #close} frees the factor.
 *
 * @param lower L, lower triangular [n, n]
 */
public record Cholesky(Tensor lower) implements AutoCloseable {
    /**
     * Factors a matrix.
     *
     * @param matrix symmetric up to rounding, of which the lower triangle is read [n, n]
     * @throws InputException where it is not positive definite or not finite
     */
    public static Cholesky of(Tensor matrix) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            return new Cholesky(scope.keep(factor(Matrices.requireSymmetric(matrix))));
        }
    }

    private static Tensor factor(Tensor matrix) {
        T_TensorTensor_T result = torch.linalg_cholesky_ex(matrix, false, false);
        // some factorisations carry a NaN through without a word
        boolean finite = Double.isFinite(result.get0().sum().item_double());
        if (!finite || result.get1().item_long() != 0) {
            throw new InputException("a matrix must be positive definite; got one that is not, of " + matrix.size(0)
                    + " rows (a greater damping helps)");
        }
        return result.get0();
    }

    /**
     * Returns A + share·mean(diag A)·I, a new matrix [n, n]: what makes a sum of squares of too few inputs positive definite. SparseGPT
     * and GPTQ take a share of 0.01 of the Hessian of a layer's inputs. The open scope or the caller frees it.
     *
     * @param matrix float32 or float64 [n, n]
     * @param share at least 0
     * @see <a href="https://arxiv.org/abs/2210.17323">Frantar et al., GPTQ, ICLR 2023, for the damping</a>
     */
    public static Tensor damped(Tensor matrix, double share) {
        if (!(share >= 0) || Double.isInfinite(share)) {
            throw new IllegalArgumentException("damping must be at least 0 and finite; got " + share);
        }
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor damped = Matrices.requireSymmetric(matrix).contiguous().clone();
            double[] diagonal = Tensors.toDoubles(damped.diagonal());
            double mean = 0;
            for (double value : diagonal) {
                mean += value / diagonal.length;
            }
            for (int i = 0; i < diagonal.length; i++) {
                diagonal[i] += share * mean;
            }
            damped.diagonal().copy_(Tensors.of(diagonal));
            return scope.keep(damped);
        }
    }

    /**
     * Returns U, upper triangular, with A⁻¹ = Uᵀ·U [n, n]: what SparseGPT and GPTQ eliminate with. The open scope or the caller frees
     * it.
     *
     * <p>Their published code inverts A and factors the inverse. Here A = R·Rᵀ with R upper triangular (a Cholesky factorisation from
     * the last column to the first) and U = R⁻¹, which is the same matrix, takes half the work and rounds once less.
     *
     * @param matrix symmetric up to rounding, of which the upper triangle is read [n, n]
     * @throws InputException where it is not positive definite or not finite
     */
    public static Tensor inverseUpper(Tensor matrix) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor r = factor(Matrices.requireSymmetric(matrix).flip(0, 1))
                    .flip(0, 1)
                    .contiguous(); // [n, n], upper
            Tensor one = torch.eye(r.size(0), r.options());
            return scope.keep(torch.linalg_solve_triangular(r, one, true));
        }
    }

    /** Returns X with A·X = B, for B [n, k] of the same type; the open scope or the caller frees it. */
    public Tensor solve(Tensor b) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            LeastSquares.requireSameRows(lower, Matrices.require("the right side", b));
            return scope.keep(torch.cholesky_solve(b.detach(), lower, false));
        }
    }

    /** Returns ln det A. */
    public double logDeterminant() {
        try (TorchScope scope = TorchScope.open()) {
            double sum = 0;
            for (double value : Tensors.toDoubles(lower.diagonal())) {
                sum += 2 * Math.log(value);
            }
            return sum;
        }
    }

    /** Frees the factor. */
    @Override
    public void close() {
        lower.close();
    }
}
