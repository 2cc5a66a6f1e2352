package dev.lapidary.language;

import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The parameters of a model and the tensors that stand in for some of them. Owns the parameters and the stand-ins that it adopted. */
final class Weights implements AutoCloseable {
    private final SequencedMap<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> replaced = new HashMap<>();
    private final Map<String, Tensor> adopted = new HashMap<>();
    private final Shared shared;
    private boolean closed;

    /** What a replica has in common with its origin. */
    private static final class Shared {
        private volatile Products products = Products.F32;
    }

    Weights() {
        this(new Shared());
    }

    private Weights(Shared shared) {
        this.shared = shared;
    }

    /** Takes over a parameter, whatever scope is open. */
    void add(String name, Tensor parameter) {
        parameter.retainReference();
        parameters.put(name, parameter);
    }

    SequencedMap<String, Tensor> parameters() {
        return Collections.unmodifiableSequencedMap(parameters);
    }

    Tensor parameter(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("a model's parameter must be named; got " + name);
        }
        return parameter;
    }

    /** Leaves of their own over the memory of what the forward reads now; they gather gradients where those do. */
    Weights replica() {
        Weights replica = new Weights(shared);
        try (var scope = TorchScope.open()) {
            for (String name : parameters.keySet()) {
                Tensor value = get(name);
                Tensor leaf = value.detach();
                leaf.set_requires_grad(value.requires_grad());
                replica.add(name, leaf);
            }
        }
        return replica;
    }

    void replace(String name, Tensor value) {
        Tensor parameter = parameter(name);
        if (!Arrays.equals(Tensors.shape(parameter), Tensors.shape(value))) {
            throw new IllegalArgumentException("what replaces " + name + " must have shape "
                    + Arrays.toString(Tensors.shape(parameter)) + "; got " + Arrays.toString(Tensors.shape(value)));
        }
        free(name);
        replaced.put(name, value);
    }

    /** Takes over what replaces a parameter, whatever scope is open. */
    void adopt(String name, Tensor value) {
        replace(name, value);
        value.retainReference();
        adopted.put(name, value);
    }

    void restore(String name) {
        replaced.remove(name);
        free(name);
    }

    void restoreAll() {
        replaced.clear();
        adopted.values().forEach(Tensor::close);
        adopted.clear();
    }

    private void free(String name) {
        Tensor old = adopted.remove(name);
        if (old != null) {
            old.close();
        }
    }

    Products products() {
        return shared.products;
    }

    void multiplyIn(Products type) {
        shared.products = type;
    }

    /** What the forward reads for a parameter. */
    Tensor get(String name) {
        Tensor value = find(name);
        if (value == null) {
            throw new IllegalStateException(
                    "the model must have " + name + "; got " + List.copyOf(parameters.keySet()));
        }
        return value;
    }

    private @Nullable Tensor find(String name) {
        if (closed) {
            throw new IllegalStateException("the model must be open; got a closed one");
        }
        Tensor value = replaced.get(name);
        return value == null ? parameters.get(name) : value;
    }

    /**
     * Returns x·Wᵀ, plus the bias where there is one.
     *
     * @param linear a name without {@code .weight}
     * @param observer sees x before
     */
    Tensor linear(String linear, Tensor x, @Nullable LinearInputs observer) {
        if (observer != null) {
            observer.input(linear + ".weight", x);
        }
        Tensor weight = get(linear + ".weight");
        Tensor bias = find(linear + ".bias");
        if (products() == Products.BF16) {
            Tensor y = torch.linear(x.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16))
                    .to(ScalarType.Float);
            return bias == null ? y : y.add(bias);
        }
        return bias == null ? torch.linear(x, weight) : torch.linear(x, weight, new TensorOptional(bias));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            restoreAll();
            parameters.values().forEach(Tensor::close);
            parameters.clear();
        }
    }
}
