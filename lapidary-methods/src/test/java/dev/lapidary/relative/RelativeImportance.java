package dev.lapidary.relative;

import dev.lapidary.sparsity.OneShotLayer;
import dev.lapidary.sparsity.OneShotMethod;
import dev.lapidary.sparsity.WeightScores;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A one-shot method as somebody elsewhere would add it: relative importance and activations, which keeps the largest (|W_ij| / Σ_i
 * |W_ij| + |W_ij| / Σ_j |W_ij|)·√‖x_j‖, so that no channel loses all its weights.
 *
 * @see <a href="https://openreview.net/forum?id=Tr0lPx9woF">Zhang et al., Plug-and-Play: an efficient post-training pruning method for
 *     large language models, ICLR 2024</a>
 */
public final class RelativeImportance implements OneShotMethod {
    @Override
    public String name() {
        return "relative-importance";
    }

    @Override
    public String summary() {
        return "the largest shares of row and column, times the root of the input norm";
    }

    @Override
    public boolean needsInputs() {
        return true;
    }

    @Override
    public Choice choose(OneShotLayer layer) {
        double[] roots = Arrays.stream(layer.inputs().squares())
                .map(square -> Math.sqrt(Math.sqrt(square)))
                .toArray();
        try (TorchScope scope = TorchScope.open()) {
            Tensor sizes = layer.weight().abs().to(ScalarType.Double); // [out, in]
            Tensor columns = sizes.sum(new long[] {0}, true, null).clamp_min(tiny()); // [1, in]
            Tensor rows = sizes.sum(new long[] {1}, true, null).clamp_min(tiny()); // [out, 1]
            Tensor scores = sizes.div(columns).add(sizes.div(rows)).mul(Tensors.of(roots));
            return Choice.of(WeightScores.largest(scores, layer.pattern()));
        }
    }

    /** What a row or column of zeros is divided by. */
    private static Scalar tiny() {
        return new Scalar(Double.MIN_NORMAL);
    }
}
