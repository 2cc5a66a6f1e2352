package dev.lapidary.optim;

import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.TorchCrew;
import dev.lapidary.train.SavedState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters by the gradients that have come together in them.
 *
 * <p>An optimiser moves the values of its parameters into one flat tensor; parameters and gradients are views of it, so that a step
 * walks through memory once. The parameters keep their handles and belong to the caller; they must all be float32 or all float64.
 * Weight decay is for tensors of two or more axes alone: matrices and kernels decay, biases and norms do not.
 *
 * <p>Closing frees gradients and moments and lets the parameters be constants again.
 */
public sealed interface Optimiser extends AutoCloseable permits AdamW, Sgd {
    /**
     * Takes a step on the gradients, clipped so that the norm of all together is at most the limit, and sets them to 0.
     *
     * @param number which step this is, from 1
     * @param rate its learning rate
     * @param crew shares the work; null to do all in this thread. The bytes are the same where operations have one thread
     * @return the norm before clipping
     */
    double step(long number, double rate, @Nullable TorchCrew crew);

    /** Takes a step in this thread. */
    default double step(long number, double rate) {
        return step(number, rate, null);
    }

    /** Returns the parameters' values and the moments, over live memory, as a checkpoint needs them. */
    List<TensorView> state();

    /** Puts back what {@link #state} returned. */
    void restore(SavedState saved);

    @Override
    void close();
}
