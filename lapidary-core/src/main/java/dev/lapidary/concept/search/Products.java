package dev.lapidary.concept.search;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Matrix products of PyTorch over memory of our own, into memory of our own. */
final class Products {
    private Products() {}

    /** Writes a · bᵀ: a [n, d], b [m, d], out [n, m]. */
    static void timesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a), wrap(b).t());
        }
    }

    /** Writes aᵀ · b: a [n, d], b [n, m], out [d, m]. */
    static void transposedTimes(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a).t(), wrap(b));
        }
    }

    /** Writes a · b: a [n, d], b [d, m], out [n, m]. */
    static void times(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a), wrap(b));
        }
    }

    private static Tensor wrap(FloatMatrix matrix) {
        return Tensors.wrap(matrix.memory(), matrix.rows(), matrix.width());
    }
}
