package dev.lapidary.nn;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Replicable;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.SavedState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The parameters of a net by name, in the order in which they were added: all the native memory that a net has.
 *
 * <p>Each is a leaf of autograd, float32 or float64. Closing frees them.
 */
public final class Parameters implements Replicable<Parameters> {
    private final SequencedMap<String, Tensor> byName;

    private Parameters(SequencedMap<String, Tensor> byName) {
        this.byName = Collections.unmodifiableSequencedMap(byName);
    }

    /** Takes tensors over, whatever scope is open: closing this frees them. */
    public static Parameters of(Map<String, Tensor> tensors) {
        SequencedMap<String, Tensor> held = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> held.put(name, TorchScope.hold(tensor)));
        tensors.values().forEach(Tensor::close);
        return new Parameters(held);
    }

    /** Draws the first values of parameters in float32, as {@link #draw(List, long, DType)} does. */
    public static Parameters draw(List<Parameter> parameters, long seed) {
        return draw(parameters, seed, DType.F32);
    }

    /**
     * Draws the first values of parameters. Each one's numbers depend on the seed and its name alone, so that a net keeps them when
     * something is added to it; in float64 they are those of float32.
     *
     * @param type F32 or F64
     * @return leaves that require a gradient; the caller closes them
     */
    public static Parameters draw(List<Parameter> parameters, long seed, DType type) {
        ScalarType scalars = scalars(type);
        Torch.load();
        SequencedMap<String, Tensor> drawn = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
            CounterNoise noise = new CounterNoise(seed, Forward.stream(parameter.name()));
            try (var scope = TorchScope.open();
                    var still = new NoGradGuard()) {
                Tensor leaf = TorchScope.hold(
                        parameter.start().draw(noise, shape).to(scalars).contiguous());
                leaf.set_requires_grad(true);
                if (drawn.put(parameter.name(), leaf) != null) {
                    throw new IllegalArgumentException("names must differ; got " + parameter.name() + " twice");
                }
            }
        }
        return new Parameters(drawn);
    }

    private static ScalarType scalars(DType type) {
        return switch (type) {
            case F32 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
            default -> throw new IllegalArgumentException("parameters must be F32 or F64; got " + type);
        };
    }

    /** Returns a parameter; it lives as long as this. */
    public Tensor get(String name) {
        Tensor tensor = byName.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there must be a parameter " + name + "; got " + byName.keySet());
        }
        return tensor;
    }

    /** Returns all by name; they live as long as this. */
    public SequencedMap<String, Tensor> byName() {
        return byName;
    }

    /** Returns all without their names, as an optimiser takes them. */
    public List<Tensor> values() {
        return List.copyOf(byName.values());
    }

    /** Returns how many numbers all parameters have together. */
    public long count() {
        return byName.values().stream().mapToLong(Tensor::numel).sum();
    }

    /** Returns the parameters that require a gradient. */
    @Override
    public List<Tensor> trained() {
        return byName.values().stream().filter(Tensor::requires_grad).toList();
    }

    @Override
    public Parameters replica() {
        SequencedMap<String, Tensor> leaves = new LinkedHashMap<>();
        try (var scope = TorchScope.open()) {
            byName.forEach((name, tensor) -> {
                Tensor leaf = TorchScope.hold(tensor.detach());
                leaf.set_requires_grad(tensor.requires_grad());
                leaves.put(name, leaf);
            });
        }
        return new Parameters(leaves);
    }

    /** Returns all values, over live memory, as a file or a checkpoint needs them. */
    public List<TensorView> state() {
        List<TensorView> state = new ArrayList<>();
        byName.forEach((name, tensor) -> {
            DType type = tensor.element_size() == Double.BYTES ? DType.F64 : DType.F32;
            List<Long> shape = Arrays.stream(Tensors.shape(tensor)).boxed().toList();
            state.add(new TensorView(name, type, shape, Tensors.segment(tensor)));
        });
        return state;
    }

    /** Puts back what {@link #state} returned. */
    public void restore(SavedState saved) {
        byName.forEach((name, tensor) -> saved.copy(name, Tensors.segment(tensor)));
    }

    @Override
    public void close() {
        byName.values().forEach(Tensor::close);
    }
}
