package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.search.FloatMatrix;
import dev.lapidary.concept.search.SearchProducts;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Matrix products of PyTorch over memory of our own, into memory of our own. */
public final class TorchSearchProducts implements SearchProducts {
    /** Creates the provider; PyTorch loads with the first product. */
    public TorchSearchProducts() {}

    @Override
    public boolean available() {
        return Tensors.class.getResource("/org/bytedeco/pytorch/Tensor.class") != null;
    }

    @Override
    public int threads() {
        return Torch.threads();
    }

    @Override
    public Lease oneThreadPerProduct() {
        return Torch.oneThreadPerProduct()::close;
    }

    @Override
    public void timesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a), wrap(b).t());
        }
    }

    @Override
    public void transposedTimes(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a).t(), wrap(b));
        }
    }

    @Override
    public void times(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (TorchScope scope = TorchScope.open()) {
            torch.mm_out(wrap(out), wrap(a), wrap(b));
        }
    }

    private static Tensor wrap(FloatMatrix matrix) {
        return Tensors.wrap(matrix.memory(), matrix.rows(), matrix.width());
    }
}
