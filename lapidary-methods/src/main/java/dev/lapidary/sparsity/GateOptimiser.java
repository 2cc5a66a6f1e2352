package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import dev.lapidary.sparsity.kernel.AdamStep;

/**
 * AdamW (decoupled weight decay) on the logits.
 *
 * @param clip the largest norm of the gradient of all logits together
 */
public record GateOptimiser(double beta1, double beta2, double epsilon, double weightDecay, double clip) {
    /** Checks the values. */
    public GateOptimiser {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new InputException("betas must be in [0, 1); got " + beta1 + " and " + beta2);
        }
        if (!(epsilon > 0 && weightDecay >= 0 && clip > 0)) {
            throw new InputException("epsilon and clip must be positive, weight decay at least 0; got " + epsilon + ", "
                    + clip + " and " + weightDecay);
        }
    }

    /** The published numbers: β 0.9 and 0.95, ε 1e-8, weight decay 0.1, clipping at norm 1. */
    public static GateOptimiser published() {
        return new GateOptimiser(0.9, 0.95, 1e-8, 0.1, 1);
    }

    /**
     * Returns what a step does with the gradient.
     *
     * @param number which step this is, from 1
     * @param gradientSquares sum of the squares of the whole gradient, which is clipped
     */
    AdamStep step(double rate, long number, double gradientSquares) {
        return new AdamStep(rate, beta1, beta2, epsilon, weightDecay, number, AdamStep.clip(gradientSquares, clip));
    }
}
