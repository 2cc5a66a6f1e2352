package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * x/√(mean of squares + 1e-6)·scale over the last axis: [.., width] to the same shape.
 *
 * <p>Parameters: {@code weight}, the scale [width].
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, Root mean square layer normalization, NeurIPS 2019</a>
 */
public record RmsNorm(String name, int width) implements Layer {
    private static final double EPSILON = 1e-6;

    @Override
    public List<Parameter> parameters() {
        return List.of(Parameter.of(name + ".weight", Initialiser.constant(1), width));
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        Linear.requireLast(name, width, x);
        Tensor square = x.square().mean(new long[] {-1}, true, new ScalarTypeOptional());
        return x.mul(square.add(new Scalar(EPSILON)).rsqrt()).mul(forward.parameter(name + ".weight"));
    }
}
