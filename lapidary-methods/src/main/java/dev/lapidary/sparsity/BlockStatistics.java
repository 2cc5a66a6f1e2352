package dev.lapidary.sparsity;

import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What flowed into the prunable linears of one block. Those that read the same activations share one sum, named by the first
 * of them.
 */
final class BlockStatistics implements AutoCloseable {
    private final SequencedMap<String, String> owners =
            new LinkedHashMap<>(); // weight to the first with the same inputs
    private final SequencedMap<String, InputGram> grams = new LinkedHashMap<>(); // by owner
    private @Nullable Tensor last;
    private String lastOwner = "";

    /** Adds the inputs [batch, length, in] of a weight. */
    void add(String weight, Tensor inputs) {
        String owner = sameAsLast(inputs) ? lastOwner : weight;
        String before = owners.putIfAbsent(weight, owner);
        if (before != null && !before.equals(owner)) {
            throw new IllegalStateException(
                    weight + " must share the inputs of " + before + " in every batch; got " + owner);
        }
        if (owner.equals(weight)) {
            grams.computeIfAbsent(weight, name -> new InputGram((int) inputs.size(2)))
                    .add(inputs);
        }
        endBatch();
        last = TorchScope.hold(inputs); // keeps its memory from being used again
        lastOwner = owner;
    }

    private boolean sameAsLast(Tensor inputs) {
        return last != null
                && last.data_ptr().address() == inputs.data_ptr().address()
                && Arrays.equals(Tensors.shape(last), Tensors.shape(inputs));
    }

    /** Frees the batch's last inputs. */
    void endBatch() {
        if (last != null) {
            last.close();
            last = null;
        }
    }

    /** Puts a sum in place, for weights that share it; the first is its owner. It is closed with this. */
    void put(Set<String> weights, InputGram gram) {
        String owner = weights.iterator().next();
        weights.forEach(weight -> owners.put(weight, owner));
        grams.put(owner, gram);
    }

    /** Returns the sum of a weight's inputs. */
    InputGram of(String weight) {
        InputGram gram = grams.get(owners.getOrDefault(weight, weight));
        if (gram == null) {
            throw new IllegalStateException("there must be statistics of " + weight + "; got " + owners.keySet());
        }
        return gram;
    }

    /** Returns the sums by the weights that share them. */
    SequencedMap<Set<String>, InputGram> shared() {
        SequencedMap<Set<String>, InputGram> shared = new LinkedHashMap<>();
        grams.forEach((owner, gram) -> {
            Set<String> weights = new LinkedHashSet<>(Set.of(owner));
            owners.forEach((weight, first) -> {
                if (first.equals(owner)) {
                    weights.add(weight);
                }
            });
            shared.put(weights, gram);
        });
        return shared;
    }

    @Override
    public void close() {
        endBatch();
        grams.values().forEach(InputGram::close);
    }
}
