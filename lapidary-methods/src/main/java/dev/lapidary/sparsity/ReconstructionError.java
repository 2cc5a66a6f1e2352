package dev.lapidary.sparsity;

import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How far the output of a layer moves on the calibration text: ‖X·Wᵀ − X·W'ᵀ‖² = Σ (D·G)∘D with D = W − W' and G = Σ x xᵀ. */
public final class ReconstructionError {
    private ReconstructionError() {}

    /** Returns ‖X·Dᵀ‖² for a difference D [out, in] and inputs' gram [in, in], summed in float64 on products in D's type. */
    public static double squared(Tensor difference, Tensor gram) {
        try (TorchScope scope = TorchScope.open()) {
            Tensor d = difference.detach();
            return d.mm(gram.to(d.scalar_type()))
                    .mul(d)
                    .to(ScalarType.Double)
                    .sum()
                    .item_double();
        }
    }

    /** Returns ‖X·(W − W')ᵀ‖²/‖X·Wᵀ‖², 0 where nothing enters. */
    public static double relative(Tensor weight, Tensor pruned, Tensor gram) {
        try (TorchScope scope = TorchScope.open()) {
            double all = squared(weight, gram);
            return all > 0 ? squared(weight.detach().sub(pruned.detach()), gram) / all : 0;
        }
    }
}
