package dev.lapidary.language;

import dev.lapidary.linear.DenseLinear;
import dev.lapidary.linear.LinearForm;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a model, those of the blocks' linear weights as forms, and what stands in for some of them: another form in a
 * linear weight's place, another tensor in that of any other parameter. Owns all of them.
 */
final class Weights implements AutoCloseable {
    private final SequencedSet<String> linear; // names of the blocks' linear weights, in the order of use
    private final SequencedMap<String, Tensor> parameters = new LinkedHashMap<>(); // of both kinds
    private final SequencedMap<String, Tensor> others = new LinkedHashMap<>(); // that belong to no form
    private final Map<String, LinearForm> forms = new HashMap<>();
    private final Map<String, LinearForm> standingForms = new HashMap<>();
    private final Map<String, Tensor> standingTensors = new HashMap<>();
    private final Shared shared;
    private boolean closed;

    /** What a replica has in common with its origin. */
    private static final class Shared {
        private volatile Products products = Products.F32;
    }

    Weights(ModelConfig config) {
        this(linear(config), new Shared());
    }

    private Weights(SequencedSet<String> linear, Shared shared) {
        this.linear = linear;
        this.shared = shared;
    }

    private static SequencedSet<String> linear(ModelConfig config) {
        SequencedSet<String> linear = new LinkedHashSet<>();
        for (int i = 0; i < config.layers(); i++) {
            linear.addAll(ParameterLayout.prunable(config, i));
        }
        return linear;
    }

    /** Adds a parameter, whose memory it shares, whatever scope is open. */
    void add(String name, Tensor parameter) {
        if (linear.contains(name)) {
            add(name, DenseLinear.of(parameter));
        } else {
            Tensor held = TorchScope.hold(parameter);
            others.put(name, held);
            parameters.put(name, held);
        }
    }

    /** Adds a linear weight in another form, which it takes over. */
    void add(String name, LinearForm form) {
        forms.put(name, form);
        form.parameters().forEach((part, tensor) -> parameters.put(layer(name) + part, tensor));
    }

    /** Returns what the names of the tensors of a linear weight's form begin with. */
    static String layer(String weight) {
        return weight.substring(0, weight.length() - "weight".length());
    }

    SequencedMap<String, Tensor> parameters() {
        return Collections.unmodifiableSequencedMap(parameters);
    }

    Tensor parameter(String name) {
        Tensor parameter = parameters.get(name);
        if (parameter != null) {
            return parameter;
        }
        LinearForm form = forms.get(name);
        throw form == null
                ? new IllegalArgumentException("a model's parameter must be named; got " + name)
                : CompressedLayers.notDense(name, form.kind());
    }

    /** Returns what requires a gradient of what the forward reads, in the same order for a model and its replicas. */
    List<Tensor> trained() {
        Stream<Tensor> ofForms = linear.stream().flatMap(name -> form(name).parameters().values().stream());
        return Stream.concat(ofForms, others.keySet().stream().map(this::get))
                .filter(Tensor::requires_grad)
                .toList();
    }

    /** Leaves of their own over the memory of what the forward reads now; they gather gradients where those do. */
    Weights replica() {
        Weights replica = new Weights(linear, shared);
        try (var scope = TorchScope.open()) {
            linear.forEach(name -> replica.add(name, form(name).replica()));
            others.keySet().forEach(name -> replica.add(name, Tensors.leaf(get(name))));
        }
        return replica;
    }

    /** Lets a tensor, whose memory it shares, stand in for a parameter. */
    void replace(String name, Tensor value) {
        if (linear.contains(name)) {
            LinearForm own = ownForm(name);
            requireShape(name, List.of(own.out(), own.in()), value);
            replace(name, DenseLinear.of(value));
        } else {
            requireShape(name, list(Tensors.shape(parameter(name))), value);
            Tensor held = TorchScope.hold(value); // before what it may be is closed
            restore(name);
            standingTensors.put(name, held);
        }
    }

    private static void requireShape(String name, List<Long> shape, Tensor value) {
        if (!list(Tensors.shape(value)).equals(shape)) {
            throw new IllegalArgumentException(
                    "what replaces " + name + " must have shape " + shape + "; got " + list(Tensors.shape(value)));
        }
    }

    private static List<Long> list(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }

    /** Takes over a form that stands in for a linear weight. */
    void replace(String name, LinearForm form) {
        LinearForm own = ownForm(name);
        if (form.out() != own.out() || form.in() != own.in()) {
            throw new IllegalArgumentException("what replaces " + name + " must have shape [" + own.out() + ", "
                    + own.in() + "]; got [" + form.out() + ", " + form.in() + "]");
        }
        restore(name);
        standingForms.put(name, form);
    }

    void restore(String name) {
        LinearForm form = standingForms.remove(name);
        if (form != null) {
            form.close();
        }
        Tensor tensor = standingTensors.remove(name);
        if (tensor != null) {
            tensor.close();
        }
    }

    /** Restores a linear weight and hands back what stood in for it. */
    LinearForm release(String name) {
        LinearForm form = standingForms.remove(name);
        if (form == null) {
            throw new IllegalStateException(name + " must be replaced to be released; got one that is not");
        }
        return form;
    }

    void restoreAll() {
        List.copyOf(standingForms.keySet()).forEach(this::restore);
        List.copyOf(standingTensors.keySet()).forEach(this::restore);
    }

    Products products() {
        return shared.products;
    }

    void multiplyIn(Products type) {
        shared.products = type;
    }

    /** Returns a parameter itself, linear weights materialised. */
    Tensor own(String name) {
        Tensor other = others.get(name);
        return other == null ? ownForm(name).materialise() : other;
    }

    private LinearForm ownForm(String name) {
        requireOpen();
        LinearForm form = forms.get(name);
        if (form == null) {
            throw new IllegalArgumentException("a linear weight of the model's blocks must be named; got " + name);
        }
        return form;
    }

    /** Returns the form in which the forward reads a linear weight. */
    LinearForm form(String name) {
        LinearForm own = ownForm(name);
        return standingForms.getOrDefault(name, own);
    }

    /** Returns what the forward reads for a parameter, linear weights materialised. */
    Tensor get(String name) {
        if (linear.contains(name)) {
            return form(name).materialise();
        }
        Tensor value = find(name);
        if (value == null) {
            throw new IllegalStateException(
                    "the model must have " + name + "; got " + List.copyOf(parameters.keySet()));
        }
        return value;
    }

    private @Nullable Tensor find(String name) {
        requireOpen();
        Tensor value = standingTensors.get(name);
        return value == null ? others.get(name) : value;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model must be open; got a closed one");
        }
    }

    /**
     * Returns x·Wᵀ, plus the bias where there is one.
     *
     * @param layer a linear weight's name without {@code .weight}
     * @param observer sees x before
     */
    Tensor linear(String layer, Tensor x, @Nullable LinearInputs observer) {
        String name = layer + ".weight";
        if (observer != null) {
            observer.input(name, x);
        }
        return form(name).product(x, find(layer + ".bias"), products());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            restoreAll();
            forms.values().forEach(LinearForm::close);
            others.values().forEach(Tensor::close);
            parameters.clear();
        }
    }
}
