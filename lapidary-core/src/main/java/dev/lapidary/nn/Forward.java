package dev.lapidary.nn;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.relax.Noise;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One pass through a net: the parameters that it reads, and in training the noise of its dropout.
 *
 * <p>Noise is a function of seed, draw and the layer's name, so that a resumed training repeats it and microbatches may run in any order.
 */
public final class Forward {
    private final Parameters parameters;
    private final Map<String, Tensor> replaced;
    private final boolean training;
    private final long seed;
    private final long draw;

    private Forward(Parameters parameters, Map<String, Tensor> replaced, boolean training, long seed, long draw) {
        this.parameters = parameters;
        this.replaced = replaced;
        this.training = training;
        this.seed = seed;
        this.draw = draw;
    }

    /** Returns a pass without dropout. */
    public static Forward evaluating(Parameters parameters) {
        return new Forward(parameters, Map.of(), false, 0, 0);
    }

    /**
     * Returns a pass with dropout.
     *
     * @param draw which pass this is: the step, or step · microbatches + index
     */
    public static Forward training(Parameters parameters, long seed, long draw) {
        return new Forward(parameters, Map.of(), true, seed, draw);
    }

    /** Returns this pass with another tensor in a parameter's place, such as one under a mask; gradients flow to that tensor. */
    public Forward with(String name, Tensor value) {
        Tensor own = parameters.get(name);
        if (!Arrays.equals(Tensors.shape(own), Tensors.shape(value))) {
            throw new IllegalArgumentException("what replaces " + name + " must have shape "
                    + Arrays.toString(Tensors.shape(own)) + "; got "
                    + Arrays.toString(Tensors.shape(value)));
        }
        Map<String, Tensor> more = new HashMap<>(replaced);
        more.put(name, value);
        return new Forward(parameters, more, training, seed, draw);
    }

    /** Returns a parameter, or what stands in its place. */
    public Tensor parameter(String name) {
        Tensor value = replaced.get(name);
        return value == null ? parameters.get(name) : value;
    }

    /** Whether dropout is on. */
    public boolean training() {
        return training;
    }

    /**
     * Returns x with each entry 0 with a probability and the others divided by the rest of it; in evaluation x itself.
     *
     * @param name of the place, which decides the noise
     * @param rate the probability, in [0, 1)
     * @see <a href="https://jmlr.org/papers/v15/srivastava14a.html">Srivastava et al., Dropout, JMLR 2014</a>
     */
    public Tensor dropout(String name, double rate, Tensor x) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout of " + name + " must be in [0, 1); got " + rate);
        }
        if (!training || rate == 0) {
            return x;
        }
        try (var scope = TorchScope.open()) {
            Tensor noise = Noise.uniform(new CounterNoise(seed, stream(name)), draw, Tensors.shape(x));
            Tensor kept = noise.ge(new Scalar(rate)).to(x.scalar_type());
            return scope.keep(x.mul(kept).mul(new Scalar(1 / (1 - rate))));
        }
    }

    /** The stream of noise of a name. */
    static long stream(String name) {
        return Long.parseUnsignedLong(Sha256.of(name).substring(0, 16), 16);
    }
}
