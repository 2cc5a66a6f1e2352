package dev.lapidary.sparsity.kernel;

/**
 * One step of AdamW on logits, as torch.optim.AdamW does it: weight decay is decoupled.
 *
 * @param lr learning rate of this step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root of the corrected second moment
 * @param weightDecay the share lr·weightDecay of every logit is taken away first
 * @param number which step this is, from 1, for the bias corrections
 * @param clip factor of every gradient, min(1, limit / (norm + 1e-6)) with the norm over all masks of the model
 */
public record AdamStep(
        double lr, double beta1, double beta2, double eps, double weightDecay, long number, double clip) {
    /** Checks the ranges. */
    public AdamStep {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps > 0)) {
            throw new IllegalArgumentException(
                    "betas must lie in [0, 1) and eps above 0; got " + beta1 + ", " + beta2 + ", " + eps);
        }
        if (!(lr >= 0 && weightDecay >= 0 && clip >= 0 && clip <= 1 && number >= 1)) {
            throw new IllegalArgumentException(
                    "lr and weightDecay must be at least 0, clip in [0, 1], number at least 1;" + " got " + lr + ", "
                            + weightDecay + ", " + clip + ", " + number);
        }
    }

    /** The paper's betas 0.9 and 0.95, weight decay 0.1 and eps 1e-5. */
    public static AdamStep published(double lr, long number, double clip) {
        return new AdamStep(lr, 0.9, 0.95, 1e-5, 0.1, number, clip);
    }

    /** Returns the clip factor of a sum of squared gradients: min(1, limit / (norm + 1e-6)). */
    public static double clip(double gradientSquares, double limit) {
        return Math.min(1, limit / (Math.sqrt(gradientSquares) + 1e-6));
    }
}
