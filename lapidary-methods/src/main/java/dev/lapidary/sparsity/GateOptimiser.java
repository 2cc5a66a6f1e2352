package dev.lapidary.sparsity;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Settings;
import dev.lapidary.sparsity.kernel.AdamStep;

/**
 * AdamW on the logits.
 *
 * @param adam its numbers
 * @param clip the largest norm of the gradient of all logits together
 */
public record GateOptimiser(AdamSettings adam, double clip) implements Settings {
    /** Checks the values. */
    public GateOptimiser {
        Bounds.require(clip > 0, "clip", "positive", clip);
    }

    /** The published numbers: β 0.9 and 0.95, ε 1e-8, weight decay 0.1, clipping at norm 1. */
    public static GateOptimiser defaults() {
        return new GateOptimiser(new AdamSettings(0.9, 0.95, 1e-8, 0.1), 1);
    }

    /**
     * Returns what a step does with the gradient.
     *
     * @param number which step this is, from 1
     * @param gradientSquares sum of the squares of the whole gradient, which is clipped
     */
    AdamStep step(double rate, long number, double gradientSquares) {
        return new AdamStep(rate, adam, number, AdamStep.clip(gradientSquares, clip));
    }

    /** Returns the text that mask files and checkpoints carry. */
    @Override
    public String toString() {
        return "GateOptimiser[beta1=" + adam.beta1() + ", beta2=" + adam.beta2() + ", epsilon=" + adam.epsilon()
                + ", weightDecay=" + adam.weightDecay() + ", clip=" + clip + "]";
    }
}
