package dev.lapidary.sparsity;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Sums Σ x xᵀ over the calibration tokens that enter a linear layer: all that Wanda, SparseGPT and the reconstruction error
 * ask of a text.
 *
 * <p>The products of one batch are taken in the inputs' own type, the sum over batches in float64, so batches may arrive in
 * any sizes and the published running means come out the same. Layers that read the same activations (query, key and value;
 * gate and up) share one.
 *
 * <p>Shape: [in, in], float64. Owns native memory until closed, whatever scope is open.
 */
public final class InputGram implements AutoCloseable {
    private static final int PANELS = 4; // spare 3/8 of the symmetric product
    private static final int LEAST_PANEL = 128;

    private final Tensor sum; // [in, in]
    private long sequences;
    private boolean mirrored = true; // else only the upper triangle counts

    /** Starts at zero for inputs of this width. */
    public InputGram(int width) {
        try (TorchScope scope = TorchScope.open()) {
            sum = TorchScope.hold(torch.zeros(new long[] {width, width}, new TensorOptions(ScalarType.Double)));
        }
    }

    /** Continues from a sum [in, in] over some sequences. */
    InputGram(Tensor sum, long sequences) {
        try (TorchScope scope = TorchScope.open()) {
            this.sum = TorchScope.hold(sum.to(ScalarType.Double));
        }
        this.sequences = sequences;
    }

    /** Adds a batch of inputs [sequences, tokens, in], float32 or float64. */
    public void add(Tensor inputs) {
        if (inputs.dim() != 3 || inputs.size(2) != width()) {
            throw new IllegalArgumentException("inputs must be [sequences, tokens, " + width() + "]; got "
                    + Arrays.toString(Tensors.shape(inputs)));
        }
        try (TorchScope scope = TorchScope.open()) {
            Tensor rows = inputs.detach().reshape(-1, width()); // [sequences * tokens, in]
            int panel = Math.max(LEAST_PANEL, Math.ceilDiv(width(), PANELS));
            for (int from = 0; from < width(); from += panel) {
                addPanel(rows, from, Math.min(panel, width() - from));
            }
        }
        mirrored = false;
        sequences += inputs.size(0);
    }

    /** Adds some rows of the product from the diagonal on. */
    private void addPanel(Tensor rows, int from, int count) {
        try (TorchScope scope = TorchScope.open()) {
            long rest = width() - from;
            Tensor product = rows.narrow(1, from, count).t().mm(rows.narrow(1, from, rest)); // [count, rest]
            sum.narrow(0, from, count).narrow(1, from, rest).add_(product.to(ScalarType.Double));
        }
    }

    private void mirror() {
        if (!mirrored) {
            try (TorchScope scope = TorchScope.open()) {
                sum.copy_(sum.triu().add(sum.triu(1).t()));
            }
            mirrored = true;
        }
    }

    /** Returns the number of inputs of the layer. */
    public int width() {
        return (int) sum.size(0);
    }

    /** Returns how many sequences were added. */
    public long sequences() {
        return sequences;
    }

    /** Returns H = (2/n)·Σ x xᵀ over n sequences, SparseGPT's Hessian [in, in], float64; the open scope or the caller frees it. */
    public Tensor hessian() {
        return scaled(2);
    }

    /** Returns (1/n)·Σ x² of every input, Wanda's scaler, [in]. */
    public double[] squares() {
        try (TorchScope scope = TorchScope.open()) {
            return Tensors.toDoubles(scaled(1).diagonal());
        }
    }

    /** Returns Σ x xᵀ itself [in, in], float64, which lives as long as this does. */
    public Tensor sum() {
        mirror();
        return sum;
    }

    private Tensor scaled(double factor) {
        if (sequences == 0) {
            throw new IllegalStateException("statistics must come from at least one sequence; got none");
        }
        try (TorchScope scope = TorchScope.open()) {
            return scope.keep(sum().mul(new Scalar(factor / sequences)));
        }
    }

    @Override
    public void close() {
        sum.close();
    }
}
