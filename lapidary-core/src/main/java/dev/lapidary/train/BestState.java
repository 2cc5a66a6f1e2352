package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;

/** Where the state of the best validation waits until training ends. */
sealed interface BestState permits CheckpointFolder, MemoryBest {
    /** Keeps this state, copied, instead of the former best. */
    void keepBest(Position position, List<TensorView> state);

    /** Puts the kept state back. */
    void restoreBest(Position position, Trainable trainable);
}
