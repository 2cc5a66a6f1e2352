package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Factors the inverse of a layer's damped Hessian: H⁻¹ = UᵀU with U upper triangular.
 *
 * <p>An input that is always 0 is dead: its H_jj becomes 1. Then damp·mean(diag H) is added to the diagonal. The published code
 * inverts H and factors the inverse; here H = R·Rᵀ with R upper triangular (a Cholesky factorisation from the last column to
 * the first) and U = R⁻¹, which is the same matrix, takes half the work and rounds once less. float64 throughout: H has a
 * condition number of up to in/damp, 10⁵ for a common layer, which would cost float32 all but two digits of U, and the
 * factorisation is a small part of the time.
 *
 * @param upper U, [in, in], float64; belongs to the scope that was open, else to the caller
 * @param dead inputs that are always 0, [in]
 * @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh, SparseGPT, ICML 2023</a>
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record HessianFactor(Tensor upper, boolean[] dead) {
    /**
     * Factors a Hessian.
     *
     * @param hessian [in, in], symmetric
     * @param damp share of the mean of the diagonal that is added to it, at least 0; 0.01 in the published code
     * @throws InputException where the damped Hessian is not positive definite or not finite
     */
    public static HessianFactor of(Tensor hessian, double damp) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor h = hessian.to(ScalarType.Double).contiguous().clone();
            double[] diagonal = Tensors.toDoubles(h.diagonal());
            boolean[] dead = revive(diagonal);
            double mean = 0;
            for (double value : diagonal) {
                mean += value / diagonal.length;
            }
            for (int i = 0; i < diagonal.length; i++) {
                diagonal[i] += damp * mean;
            }
            h.diagonal().copy_(Tensors.of(diagonal));
            Tensor backward = h.flip(0, 1);
            T_TensorTensor_T result = torch.linalg_cholesky_ex(backward, false, false);
            // some factorisations carry a NaN through without a word
            boolean finite = Double.isFinite(result.get0().sum().item_double());
            if (!finite || result.get1().item_long() != 0) {
                throw new InputException(
                        "the Hessian of a layer's inputs must be finite and positive definite once damped; got"
                                + " one that is not with damp " + damp
                                + " (a higher one helps; a NaN in the model does not)");
            }
            Tensor r = result.get0().flip(0, 1).contiguous(); // [in, in], upper
            Tensor one = torch.eye(r.size(0), r.options());
            return new HessianFactor(scope.keep(torch.linalg_solve_triangular(r, one, true)), dead);
        }
    }

    private static boolean[] revive(double[] diagonal) {
        boolean[] dead = new boolean[diagonal.length];
        for (int i = 0; i < diagonal.length; i++) {
            dead[i] = diagonal[i] == 0;
            if (dead[i]) {
                diagonal[i] = 1;
            }
        }
        return dead;
    }

    /** Returns U_jj of every input, [in]. */
    double[] diagonal() {
        try (TorchScope scope = TorchScope.open()) {
            return Tensors.toDoubles(upper.diagonal());
        }
    }
}
