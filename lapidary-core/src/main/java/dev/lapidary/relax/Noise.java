package dev.lapidary.relax;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random tensors, float32, that are a function of the noise's seed and stream and of the step, so that runs replay. */
public final class Noise {
    private Noise() {}

    /** Returns independent standard Gumbel values of the shape; element i, row-major, is index i of the step. */
    public static Tensor gumbel(CounterNoise noise, long step, long... shape) {
        Tensor values = empty(shape);
        noise.gumbel(step, Tensors.segment(values), values.numel());
        return values;
    }

    /** Returns independent uniform values of (0, 1) of the shape; element i, row-major, is index i of the step. */
    public static Tensor uniform(CounterNoise noise, long step, long... shape) {
        Tensor values = empty(shape);
        noise.uniform(step, Tensors.segment(values), values.numel());
        return values;
    }

    /** Returns −ln(−ln u): Gumbel values of uniform values in (0, 1), of their type. */
    public static Tensor gumbelOf(Tensor uniform) {
        try (var scope = TorchScope.open()) {
            return scope.keep(uniform.log().neg().log().neg());
        }
    }

    private static Tensor empty(long[] shape) {
        Torch.load();
        return torch.empty(shape);
    }
}
