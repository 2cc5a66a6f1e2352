package dev.lapidary.language;

import dev.lapidary.runtime.model.Activation;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Applies the nonlinearities of an MLP. */
final class Activations {
    private Activations() {}

    /** Returns a tensor of x's shape. */
    static Tensor apply(Activation activation, Tensor x) {
        return switch (activation) {
            case SILU -> torch.silu(x);
            case GELU -> torch.gelu(x);
            case GELU_TANH -> torch.gelu(x, "tanh");
            case RELU -> torch.relu(x);
        };
    }
}
