package dev.lapidary.linalg;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Factors a symmetric matrix A [n, n] into eigenvalues and eigenvectors, A = V·diag(λ)·Vᵀ.
 *
 * <p>The entry of largest magnitude of each vector (of several the first) is positive, so that the same matrix gives the same bytes on
 * a machine at the same number of threads. Vectors of equal eigenvalues are any orthonormal basis.
 *
 * <p>Factors have the matrix's type, float32 or float64, are contiguous and carry no gradient. They belong to the scope that was open
 * when they were made; where none was, {@link #close} frees them.
 *
 * @param values λ, largest first (PyTorch has the smallest first) [n]
 * @param vectors V, eigenvectors as columns in the same order [n, n]
 */
public record SymmetricEigen(Tensor values, Tensor vectors) implements AutoCloseable {
    /**
     * Factors a matrix.
     *
     * @param matrix symmetric up to rounding, of which the lower triangle is read [n, n]
     */
    public static SymmetricEigen of(Tensor matrix) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            T_TensorTensor_T ascending = torch.linalg_eigh(Matrices.requireSymmetric(matrix));
            Tensor vectors = ascending.get1().flip(1);
            return new SymmetricEigen(
                    scope.keep(ascending.get0().flip(0)),
                    scope.keep(vectors.mul(Matrices.signs(vectors)).contiguous()));
        }
    }

    /**
     * Returns the matrix function V·diag(f(λ))·Vᵀ [n, n], such as the square root or, for whitening, its inverse. Rounding can make
     * eigenvalues of a positive semidefinite matrix slightly negative: the function must expect it. The open scope or the caller frees
     * it.
     */
    public Tensor map(DoubleUnaryOperator f) {
        try (TorchScope scope = TorchScope.open();
                var off = new NoGradGuard()) {
            double[] mapped = Arrays.stream(Tensors.toDoubles(values)).map(f).toArray();
            Tensor scaled = vectors.mul(Tensors.of(mapped).to(vectors.scalar_type())); // [n, n]
            return scope.keep(scaled.mm(vectors.t()));
        }
    }

    /** Frees the factors. */
    @Override
    public void close() {
        values.close();
        vectors.close();
    }
}
