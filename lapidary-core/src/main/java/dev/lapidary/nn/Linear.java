package dev.lapidary.nn;

import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * x·Wᵀ + b: [.., in] to [.., out].
 *
 * <p>Parameters: {@code weight} [out, in] and, where there is one, {@code bias} [out].
 *
 * @param start of the weight; the bias begins uniform within 1/√in, as PyTorch's
 */
public record Linear(String name, int in, int out, boolean bias, Initialiser start) implements Layer {
    /** Returns a layer with a bias that begins as PyTorch's: weights uniform within 1/√in. */
    public static Linear of(String name, int in, int out) {
        return new Linear(name, in, out, true, Initialiser.kaimingUniform(1 / Math.sqrt(3)));
    }

    /** Returns this layer without a bias. */
    public Linear withoutBias() {
        return new Linear(name, in, out, false, start);
    }

    /** Returns this layer with other first weights. */
    public Linear withStart(Initialiser newStart) {
        return new Linear(name, in, out, bias, newStart);
    }

    /** Returns the name of the weight [out, in]. */
    public String weight() {
        return name + ".weight";
    }

    @Override
    public List<Parameter> parameters() {
        Parameter weight = Parameter.of(weight(), start, out, in);
        return bias
                ? List.of(weight, Parameter.of(name + ".bias", Initialiser.uniform(1 / Math.sqrt(in)), out))
                : List.of(weight);
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        requireLast(name, in, x);
        Tensor weight = forward.parameter(weight());
        return bias
                ? torch.linear(x, weight, new TensorOptional(forward.parameter(name + ".bias")))
                : torch.linear(x, weight);
    }

    /** Refuses an input whose last axis has another size. */
    static void requireLast(String name, long size, Tensor x) {
        if (x.dim() < 1 || x.size(x.dim() - 1) != size) {
            throw new IllegalArgumentException("the last axis of " + name + "'s input must be " + size + "; got shape "
                    + Arrays.toString(Tensors.shape(x)));
        }
    }
}
