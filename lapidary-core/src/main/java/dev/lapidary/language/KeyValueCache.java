package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The keys and values of the positions that a text has so far, so that each further token costs one position. Holds
 * 2·layers·keyValueHeads·capacity·headWidth floats of native memory, which closing frees.
 */
public final class KeyValueCache implements AutoCloseable {
    private final List<Tensor> keys = new ArrayList<>(); // of each layer [1, keyValueHeads, capacity, headWidth]
    private final List<Tensor> values = new ArrayList<>();
    private final int capacity;
    private int length;

    KeyValueCache(ModelConfig config, int capacity) {
        if (capacity < 1 || capacity > config.context()) {
            throw new InputException("positions of a text must be from 1 to the model's context, " + config.context()
                    + "; got " + capacity);
        }
        this.capacity = capacity;
        try (var scope = TorchScope.open()) {
            for (int i = 0; i < config.layers(); i++) {
                keys.add(empty(config));
                values.add(empty(config));
            }
        }
    }

    private Tensor empty(ModelConfig config) {
        return TorchScope.hold(torch.zeros(1, config.keyValueHeads(), capacity, config.headWidth()));
    }

    /** Returns how many positions can be held. */
    public int capacity() {
        return capacity;
    }

    /** Returns how many positions are held. */
    public int length() {
        return length;
    }

    /** Forgets the positions from one on. */
    public void truncate(int positions) {
        if (positions < 0 || positions > length) {
            throw new IllegalArgumentException("positions must be from 0 to " + length + "; got " + positions);
        }
        length = positions;
    }

    /** Stores the keys [1, keyValueHeads, n, headWidth] of the next positions and returns all so far. */
    Tensor keys(int layer, Tensor next) {
        return append(keys.get(layer), next);
    }

    Tensor values(int layer, Tensor next) {
        return append(values.get(layer), next);
    }

    private Tensor append(Tensor buffer, Tensor next) {
        long count = next.size(2);
        buffer.narrow(2, length, count).copy_(next);
        return buffer.narrow(2, 0, length + count);
    }

    void advance(int count) {
        length += count;
    }

    @Override
    public void close() {
        keys.forEach(Tensor::close);
        values.forEach(Tensor::close);
        keys.clear();
        values.clear();
        length = 0;
    }
}
