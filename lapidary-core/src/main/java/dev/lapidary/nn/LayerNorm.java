package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * (x − mean)/√(variance + 1e-5)·scale + shift over the last axis: [.., width] to the same shape.
 *
 * <p>Parameters: {@code weight}, the scale, and {@code bias}, the shift, each [width].
 *
 * @see <a href="https://arxiv.org/abs/1607.06450">Ba, Kiros and Hinton, Layer normalization, 2016</a>
 */
public record LayerNorm(String name, int width) implements Layer {
    private static final double EPSILON = 1e-5;

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.of(name + ".weight", Initialiser.constant(1), width),
                Parameter.of(name + ".bias", Initialiser.constant(0), width));
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        Linear.requireLast(name, width, x);
        TensorOptional scale = new TensorOptional(forward.parameter(name + ".weight"));
        TensorOptional shift = new TensorOptional(forward.parameter(name + ".bias"));
        return torch.layer_norm(x, new long[] {width}, scale, shift, EPSILON, false);
    }
}
