package dev.lapidary.sparsity.kernel;

import dev.lapidary.optim.AdamSettings;

/**
 * One step of AdamW on logits; the formula is that of {@link AdamSettings}.
 *
 * @param rate learning rate of this step, at least 0
 * @param settings what all steps share
 * @param number which step this is, from 1, for the bias corrections
 * @param clip factor of every gradient, in [0, 1]
 */
public record AdamStep(double rate, AdamSettings settings, long number, double clip) {
    /** Checks the ranges. */
    public AdamStep {
        if (!(rate >= 0 && clip >= 0 && clip <= 1 && number >= 1)) {
            throw new IllegalArgumentException("rate must be at least 0, clip in [0, 1], number at least 1; got " + rate
                    + ", " + clip + " and " + number);
        }
    }

    /** The paper's betas 0.9 and 0.95, weight decay 0.1 and epsilon 1e-5. */
    public static AdamStep published(double rate, long number, double clip) {
        return new AdamStep(rate, new AdamSettings(0.9, 0.95, 1e-5, 0.1), number, clip);
    }

    /** Returns the clip factor of a sum of squared gradients: min(1, limit / (norm + 1e-6)). */
    public static double clip(double gradientSquares, double limit) {
        return Math.min(1, limit / (Math.sqrt(gradientSquares) + 1e-6));
    }
}
