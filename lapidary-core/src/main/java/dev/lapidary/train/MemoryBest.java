package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps the best state in memory, for a training that writes no checkpoints; the garbage collector frees it. */
final class MemoryBest implements BestState {
    private final Map<String, TensorView> kept = new HashMap<>();

    @Override
    public void keepBest(Position position, List<TensorView> state) {
        for (TensorView tensor : state) {
            TensorView copy = kept.get(tensor.name());
            if (copy == null || copy.data().byteSize() != tensor.data().byteSize()) {
                copy = new TensorView(
                        tensor.name(),
                        tensor.dtype(),
                        tensor.shape(),
                        Arena.ofAuto().allocate(tensor.data().byteSize(), Long.BYTES));
                kept.put(tensor.name(), copy);
            }
            copy.data().copyFrom(tensor.data());
        }
    }

    @Override
    public void restoreBest(Position position, Trainable trainable) {
        trainable.restore(new SavedState(kept.values()));
    }
}
