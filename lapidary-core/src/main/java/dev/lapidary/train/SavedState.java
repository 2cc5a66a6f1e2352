package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * A state that {@link Trainable#state()} once returned, to be copied back. Its tensors may lie over a mapped file and are valid only
 * as long as its giver says.
 */
public final class SavedState {
    private final SequencedMap<String, TensorView> tensors = new TreeMap<>();

    /** Collects tensors, such as those of a file, which must stay open as long as this is read. */
    public SavedState(Collection<TensorView> tensors) {
        tensors.forEach(tensor -> this.tensors.put(tensor.name(), tensor));
    }

    /**
     * Returns the tensors whose names begin with a prefix, without it: the state of one part of what was saved, which was saved by
     * {@link #prefixed}.
     */
    public SavedState part(String prefix) {
        SavedState part = new SavedState(List.of());
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                part.tensors.put(name.substring(prefix.length()), tensor);
            }
        });
        return part;
    }

    /** Returns a state with a prefix before every name, so that several parts can be saved together. */
    public static List<TensorView> prefixed(String prefix, List<TensorView> state) {
        return state.stream()
                .map(t -> new TensorView(prefix + t.name(), t.dtype(), t.shape(), t.data()))
                .toList();
    }

    /** Returns all tensors, sorted by name. */
    public SequencedMap<String, TensorView> tensors() {
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /**
     * Returns one tensor.
     *
     * @throws InputException where there is none of that name
     */
    public TensorView tensor(String name) {
        TensorView tensor = tensors.get(name);
        if (tensor == null) {
            throw new InputException("a saved state must have a tensor " + name + "; got " + tensors.keySet());
        }
        return tensor;
    }

    /** Copies a tensor into an array of as many floats. */
    public void copy(String name, float[] target) {
        System.arraycopy(tensor(name).toFloats(), 0, target, 0, checked(name, target.length));
    }

    /** Copies a tensor into an array of as many doubles. */
    public void copy(String name, double[] target) {
        System.arraycopy(tensor(name).toDoubles(), 0, target, 0, checked(name, target.length));
    }

    /** Copies a tensor of whole numbers into an array of as many longs. */
    public void copy(String name, long[] target) {
        System.arraycopy(tensor(name).toLongs(), 0, target, 0, checked(name, target.length));
    }

    /** Copies the bytes of a tensor into memory of as many bytes, such as that of a PyTorch tensor. */
    public void copy(String name, MemorySegment target) {
        MemorySegment data = tensor(name).data();
        if (data.byteSize() != target.byteSize()) {
            throw new InputException(
                    "a saved " + name + " must have " + target.byteSize() + " bytes; got " + data.byteSize());
        }
        target.copyFrom(data);
    }

    private int checked(String name, int length) {
        if (tensor(name).count() != length) {
            throw new InputException("a saved " + name + " must have " + length + " elements; got "
                    + tensor(name).count());
        }
        return length;
    }
}
