package dev.lapidary.linear;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * What a file keeps of one linear layer.
 *
 * @param kind name of the {@link LinearKind} that reads it
 * @param out number of outputs
 * @param in number of inputs
 * @param settings what a reader needs to know beside the tensors, such as {@code pattern}
 * @param tensors by their name in the layer, none of them {@code bias}
 */
public record StoredLinear(
        String kind, long out, long in, SortedMap<String, String> settings, SequencedMap<String, TensorView> tensors) {
    /** Checks the sizes and copies the maps. */
    public StoredLinear {
        if (out < 1 || in < 1) {
            throw new InputException(
                    "a linear layer must have inputs and outputs; got " + in + " inputs and " + out + " outputs");
        }
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
        tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
        if (tensors.containsKey("bias")) {
            throw new IllegalArgumentException("the tensors of a form must have other names than bias");
        }
    }

    /** Collects what a form stores. */
    public static StoredLinear of(LinearForm form, Map<String, String> settings, TensorView... views) {
        SequencedMap<String, TensorView> tensors = new LinkedHashMap<>();
        for (TensorView view : views) {
            tensors.put(view.name(), view);
        }
        return new StoredLinear(form.kind(), form.out(), form.in(), new TreeMap<>(settings), tensors);
    }

    /** Refuses other tensors than those of these names. */
    public void requireTensors(String... names) {
        if (!tensors.keySet().equals(Set.of(names))) {
            throw new InputException("a " + kind + " layer must have the tensors " + Arrays.toString(names) + "; got "
                    + tensors.keySet());
        }
    }

    /** Returns a setting. */
    public String setting(String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new InputException("a " + kind + " layer must have the setting " + name + "; got " + settings);
        }
        return value;
    }

    /** Returns a setting that is a whole number from least to most. */
    public long whole(String name, long least, long most) {
        String text = setting(name);
        long value = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
        if (value < least || value > most) {
            throw new InputException("setting " + name + " of a " + kind + " layer must be a whole number from " + least
                    + " to " + most + "; got " + text);
        }
        return value;
    }

    /** Returns a tensor of whole bytes U8 [count]. */
    public byte[] bytes(String name, long count) {
        TensorView view = view(name, List.of(count));
        if (view.dtype() != DType.U8) {
            throw new InputException("tensor " + name + " of a " + kind + " layer must be U8; got " + view.dtype());
        }
        return view.toBytes();
    }

    /** Copies a tensor of that shape, F64 to float64 and F32, F16 and BF16 to float32; the open scope frees it. */
    public Tensor floats(String name, long... shape) {
        TensorView view = view(name, Arrays.stream(shape).boxed().toList());
        if (!view.dtype().floating()) {
            throw new InputException(
                    "tensor " + name + " of a " + kind + " layer must be F64, F32, F16 or BF16; got " + view.dtype());
        }
        return Tensors.of(view);
    }

    private TensorView view(String name, List<Long> shape) {
        TensorView view = tensors.get(name);
        if (view == null || !view.shape().equals(shape)) {
            throw new InputException("tensor " + name + " of a " + kind + " layer must have shape " + shape + "; got "
                    + (view == null ? "none" : view.shape()));
        }
        return view;
    }
}
