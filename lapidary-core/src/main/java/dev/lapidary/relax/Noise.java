package dev.lapidary.relax;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Random tensors, float32, that are a function of the noise's seed and stream and of the step, so that runs replay. */
public final class Noise {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

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

    /**
     * Returns independent standard normal values of the shape, within ±5.77: elements 2j and 2j + 1, row-major, are √(−2 ln u)·cos 2πv
     * and √(−2 ln u)·sin 2πv of the uniform values u and v with these indices of the step. The same bits on every machine.
     *
     * @see <a href="https://doi.org/10.1214/aoms/1177706645">Box and Muller, A note on the generation of random normal deviates, 1958</a>
     */
    public static Tensor normal(CounterNoise noise, long step, long... shape) {
        Tensor values = empty(shape);
        long n = values.numel();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pairs = arena.allocate((n + 1) / 2 * 2 * Float.BYTES, Float.BYTES);
            noise.uniform(step, pairs, (n + 1) / 2 * 2);
            for (long i = 0; i + 1 < (n + 1) / 2 * 2; i += 2) {
                double radius = Math.sqrt(-2 * StrictMath.log(pairs.getAtIndex(FLOAT, i)));
                double angle = 2 * Math.PI * pairs.getAtIndex(FLOAT, i + 1);
                pairs.setAtIndex(FLOAT, i, (float) (radius * StrictMath.cos(angle)));
                pairs.setAtIndex(FLOAT, i + 1, (float) (radius * StrictMath.sin(angle)));
            }
            MemorySegment.copy(pairs, 0, Tensors.segment(values), 0, n * Float.BYTES);
        }
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
