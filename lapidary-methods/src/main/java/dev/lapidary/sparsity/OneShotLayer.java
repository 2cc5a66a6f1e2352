package dev.lapidary.sparsity;

import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a {@link OneShotMethod} sees of a linear layer. All native memory stays that of whoever calls the method. */
public final class OneShotLayer {
    private final String name;
    private final Tensor weight; // [out, in]
    private final @Nullable InputGram inputs;
    private final SparsityPattern pattern;
    private final OneShotSettings settings;
    private final Function<InputGram, HessianFactor> factors;

    OneShotLayer(
            String name,
            Tensor weight,
            @Nullable InputGram inputs,
            SparsityPattern pattern,
            OneShotSettings settings,
            Function<InputGram, HessianFactor> factors) {
        this.name = name;
        this.weight = weight;
        this.inputs = inputs;
        this.pattern = pattern;
        this.settings = settings;
        this.factors = factors;
    }

    /**
     * Describes a layer to try a method on.
     *
     * @param weight [out, in], float32
     * @param inputs sums over what enters the layer, of width in
     */
    public static OneShotLayer of(
            String name, Tensor weight, InputGram inputs, SparsityPattern pattern, OneShotSettings settings) {
        return new OneShotLayer(
                name, weight, inputs, pattern, settings, sums -> HessianFactor.of(sums.hessian(), settings.damp()));
    }

    /** Returns the weight's name in the model. */
    public String name() {
        return name;
    }

    /** Returns the weight [out, in], float32, all finite, in a multiple of M. */
    public Tensor weight() {
        return weight;
    }

    /** Returns how many of each group to keep. */
    public SparsityPattern pattern() {
        return pattern;
    }

    /** Returns how the run looks at its text, with its seed. */
    public OneShotSettings settings() {
        return settings;
    }

    /** Returns sums over the calibration inputs of the layer; there are always some for a method that needs inputs. */
    public InputGram inputs() {
        if (inputs == null) {
            throw new IllegalStateException("a method that looks at inputs must say that it needs them; got no inputs of " + name);
        }
        return inputs;
    }

    /** Returns the factored inverse Hessian of the inputs, calculated once for all layers that share them. */
    public HessianFactor factor() {
        return factors.apply(inputs());
    }
}
