package dev.lapidary.linalg;

import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Factors a matrix A [m, n] as Q·R, with orthonormal columns that span those of A.
 *
 * <p>The diagonal of R is at least 0, so that the same matrix gives the same bytes on a machine at the same number of threads, and Q is
 * what Gram-Schmidt gives. Where a column depends on earlier ones its entry there is 0 but for rounding, and its column of Q is any
 * direction orthogonal to the others.
 *
 * <p>Factors have the matrix's type, float32 or float64, are contiguous and carry no gradient. They belong to the scope that was open
 * when they were made; where none was, {@link #close} frees them.
 *
 * @param q orthonormal columns [m, min(m, n)]
 * @param r upper triangular [min(m, n), n]
 */
public record Qr(Tensor q, Tensor r) implements AutoCloseable {
    /** Factors a matrix [m, n]. */
    public static Qr of(Tensor matrix) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            T_TensorTensor_T factors = torch.linalg_qr(Matrices.require("a matrix", matrix));
            Tensor diagonal = factors.get1().diagonal();
            Tensor signs = torch.ones_like(diagonal).copysign(diagonal); // [min(m, n)]
            return new Qr(
                    scope.keep(factors.get0().mul(signs).contiguous()),
                    scope.keep(factors.get1().mul(signs.unsqueeze(1)).contiguous()));
        }
    }

    /** Frees the factors. */
    @Override
    public void close() {
        q.close();
        r.close();
    }
}
