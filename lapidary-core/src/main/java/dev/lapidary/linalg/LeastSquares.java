package dev.lapidary.linalg;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Finds X [n, k] for which A·X is nearest to B, for A [m, n] and B [m, k].
 *
 * <p>Both solvers work by orthogonal transformations and never form AᵀA, which would square A's condition number. Both matrices have
 * the same type, float32 or float64, and so has the result, without a gradient; the open scope or the caller frees it. There is no
 * intercept: whoever wants one takes the means off first, or adds a column of ones.
 */
public final class LeastSquares {
    private LeastSquares() {}

    /**
     * Returns the X with the smallest ‖A·X − B‖², and of several the one with the smallest ‖X‖. Directions of A whose share of
     * the largest is below the rounding of the type times max(m, n) count as 0.
     */
    public static Tensor solve(Tensor a, Tensor b) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            requireSameRows(Matrices.require("a matrix", a), Matrices.require("the right side", b));
            return scope.keep(torch.linalg_lstsq(a.detach(), b.detach()).get0().contiguous());
        }
    }

    /**
     * Returns the X of least ‖A·X − B‖² + λ·‖X‖², which is unique.
     *
     * <p>Tall: the least squares of A over √λ·I, by one QR factorisation. Wide: the shortest solution of [A, √λ·I], likewise.
     *
     * @param lambda above 0, in the unit of AᵀA: not divided by the rows
     */
    public static Tensor ridge(Tensor a, Tensor b, double lambda) {
        if (!(lambda > 0) || Double.isInfinite(lambda)) {
            throw new IllegalArgumentException("lambda must be above 0 and finite; got " + lambda);
        }
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            Tensor matrix = Matrices.require("a matrix", a);
            Tensor right = Matrices.require("the right side", b);
            requireSameRows(matrix, right);
            boolean tall = matrix.size(0) >= matrix.size(1);
            long size = Math.max(matrix.size(0), matrix.size(1));
            T_TensorTensor_T factors = torch.linalg_qr(penalised(tall ? matrix : matrix.t(), Math.sqrt(lambda)));
            Tensor top = factors.get0().narrow(0, 0, size); // [max, min]
            Tensor r = factors.get1(); // [min, min]
            Tensor x = tall
                    ? torch.linalg_solve_triangular(r, top.t().mm(right), true)
                    : top.mm(torch.linalg_solve_triangular(r.t(), right, false));
            return scope.keep(x.contiguous());
        }
    }

    /** Puts a multiple of the identity under a tall matrix [m, n], which gives [m + n, n]. */
    private static Tensor penalised(Tensor tall, double factor) {
        long rows = tall.size(0);
        long columns = tall.size(1);
        Tensor all = torch.zeros(new long[] {rows + columns, columns}, tall.options());
        all.narrow(0, 0, rows).copy_(tall);
        all.narrow(0, rows, columns).diagonal().fill_(new Scalar(factor));
        return all;
    }

    static void requireSameRows(Tensor a, Tensor b) {
        if (a.size(0) != b.size(0) || Matrices.type(a) != Matrices.type(b)) {
            throw new IllegalArgumentException(
                    "the right side must have the matrix's rows and type, " + a.size(0) + " of " + Matrices.type(a)
                            + "; got " + Arrays.toString(Tensors.shape(b)) + " of " + Matrices.type(b));
        }
    }
}
