package dev.lapidary.estimator;

import dev.lapidary.nn.Parameter;
import java.util.List;

/**
 * Estimates the gradient of a program's expected loss, averaged over rows, in everything that the program depends on: the logits of its
 * choices, and what the loss reads besides.
 *
 * <p>Tensors of an {@link Estimate} belong to the open scope. An estimator may learn (a baseline, a temperature); its parameters are
 * trained by the same optimiser as the program's, and the surrogate carries their gradients too.
 */
public interface GradientEstimator {
    /** Returns the estimator's own parameters, under names that begin with {@code estimator}. */
    default List<Parameter> parameters() {
        return List.of();
    }

    /** Returns an estimate with the noise of a step. */
    Estimate estimate(Program program, Pass pass);
}
