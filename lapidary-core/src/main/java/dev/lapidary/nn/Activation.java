package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A function of every entry by itself; as a layer it has no parameters. */
public enum Activation implements Layer {
    /** x. */
    IDENTITY,
    /** max(0, x). */
    RELU,
    /** x where positive, else 0.01·x. */
    LEAKY_RELU,
    /** x·Φ(x) with the normal distribution function Φ. */
    GELU,
    /** x·σ(x). */
    SILU,
    /** tanh x. */
    TANH,
    /** σ(x) = 1/(1 + e^−x). */
    SIGMOID,
    /** ln(1 + e^x). */
    SOFTPLUS;

    /** Returns f(x), of x's shape. */
    public Tensor of(Tensor x) {
        return switch (this) {
            case IDENTITY -> x;
            case RELU -> torch.relu(x);
            case LEAKY_RELU -> torch.leaky_relu(x);
            case GELU -> torch.gelu(x);
            case SILU -> torch.silu(x);
            case TANH -> torch.tanh(x);
            case SIGMOID -> torch.sigmoid(x);
            case SOFTPLUS -> torch.softplus(x);
        };
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        return of(x);
    }
}
