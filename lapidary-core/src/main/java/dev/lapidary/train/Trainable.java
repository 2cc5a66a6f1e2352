package dev.lapidary.train;

import dev.lapidary.runtime.tensor.TensorView;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Something that {@link TrainingLoop} trains step by step: a concept bottleneck, mask logits, an encoder.
 *
 * <p>The loop knows nothing of what is trained or where it lives; state may be PyTorch tensors, memory segments or plain arrays. On
 * one machine, a resumed run equals an uninterrupted one where two rules hold: {@link #state()} is complete, and everything drawn at
 * random (data order, noise, dropout) is a function of the seed and the step alone, as with {@link EpochOrder} and counter-based noise.
 */
public interface Trainable {
    /**
     * Takes one optimiser step.
     *
     * @param step the number of steps done before this one, from 0
     * @return the loss before the update; a value that is not finite ends the training
     */
    double step(long step);

    /**
     * Returns everything that a resume needs: weights, optimiser moments and running statistics, under names that do not change.
     *
     * <p>Floating values must be finite (a checkpoint with others is not written); a mask belongs in a {@code BOOL} tensor. The
     * views may lie over live memory: the loop is done with them before it takes another step.
     */
    List<TensorView> state();

    /**
     * Puts back a state that {@link #state()} returned.
     *
     * @param saved the tensors, with the names, types and shapes of {@link #state()}; valid during this call only
     */
    void restore(SavedState saved);

    /**
     * Measures on validation data and changes nothing that is trained.
     *
     * @param step the number of steps done
     * @return values by name, unitless; one of them may steer {@link EarlyStopping}
     */
    default Map<String, Double> validate(long step) {
        return Map.of();
    }

    /** Returns the epoch, from 0, to which a step belongs, where the data have epochs. */
    default OptionalLong epoch(long step) {
        return OptionalLong.empty();
    }
}
