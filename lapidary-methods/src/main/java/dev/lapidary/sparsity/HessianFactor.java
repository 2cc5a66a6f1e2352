package dev.lapidary.sparsity;

import dev.lapidary.linalg.Cholesky;
import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Factors the inverse of a layer's damped Hessian: H⁻¹ = UᵀU with U upper triangular.
 *
 * <p>An input that is always 0 is dead: its H_jj becomes 1. Then damp·mean(diag H) is added to the diagonal. float64 throughout: H
 * has a condition number of up to in/damp, 10⁵ for a common layer, which would cost float32 all but two digits of U, and the
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
            h.diagonal().copy_(Tensors.of(diagonal));
            return new HessianFactor(scope.keep(upper(h, damp)), dead);
        }
    }

    private static Tensor upper(Tensor hessian, double damp) {
        try (TorchScope scope = TorchScope.open()) {
            return scope.keep(Cholesky.inverseUpper(Cholesky.damped(hessian, damp)));
        } catch (InputException notDefinite) {
            throw new InputException(
                    "the Hessian of a layer's inputs must be finite and positive definite once damped; got"
                            + " one that is not with damp " + damp
                            + " (a higher one helps; a NaN in the model does not)",
                    notDefinite);
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
