package dev.lapidary.linalg;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What the factorisations ask of a matrix, and the signs that they give to vectors whose sign is free. */
final class Matrices {
    private Matrices() {}

    /** Requires finite float32 or float64 numbers [rows, columns], at least one of each; returns them without a gradient. */
    static Tensor require(String what, Tensor matrix) {
        if (matrix.dim() != 2 || matrix.numel() == 0) {
            throw new IllegalArgumentException(
                    what + " must be [rows, columns], at least [1, 1]; got " + Arrays.toString(Tensors.shape(matrix)));
        }
        ScalarType type = type(matrix);
        if (type != ScalarType.Float && type != ScalarType.Double) {
            throw new IllegalArgumentException(what + " must be float32 or float64; got " + type);
        }
        try (TorchScope scope = TorchScope.open()) {
            Tensor plain = matrix.detach();
            if (!plain.isfinite().all().item_bool()) {
                throw new InputException(what + " must be of finite numbers; got one that is not, of shape "
                        + Arrays.toString(Tensors.shape(matrix)));
            }
            return scope.keep(plain);
        }
    }

    /** Requires a symmetric matrix [n, n], up to the rounding of its type. */
    static Tensor requireSymmetric(Tensor matrix) {
        if (matrix.dim() == 2 && matrix.size(0) != matrix.size(1)) {
            throw new IllegalArgumentException(
                    "a symmetric matrix must be [n, n]; got " + Arrays.toString(Tensors.shape(matrix)));
        }
        try (TorchScope scope = TorchScope.open()) {
            Tensor plain = require("a symmetric matrix", matrix);
            double size = plain.abs().max().item_double();
            double off = plain.sub(plain.t()).abs().max().item_double();
            double rounding = type(plain) == ScalarType.Float ? 0x1p-23 : 0x1p-52;
            if (off > Math.sqrt(rounding) * size) {
                throw new IllegalArgumentException("a symmetric matrix must equal its transpose; got entries up to "
                        + size + " that differ by up to " + off);
            }
            return scope.keep(plain);
        }
    }

    /** Returns a tensor's type as one of the constants, which can be compared. */
    static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    /** Requires 1 ≤ rank ≤ min(rows, columns). */
    static void requireRank(Tensor matrix, int rank) {
        long most = Math.min(matrix.size(0), matrix.size(1));
        if (rank < 1 || rank > most) {
            throw new IllegalArgumentException("rank must be from 1 to " + most + ", the smaller side of "
                    + Arrays.toString(Tensors.shape(matrix)) + "; got " + rank);
        }
    }

    /** Returns 1 or −1 for each column [1, k], by which its entry of largest magnitude (of several the first) becomes positive. */
    static Tensor signs(Tensor columns) {
        Tensor largest = columns.gather(0, columns.abs().argmax(new LongOptional(0), true)); // [1, k]
        return torch.ones_like(largest).copysign(largest);
    }
}
