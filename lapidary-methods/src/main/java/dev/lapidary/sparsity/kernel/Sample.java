package dev.lapidary.sparsity.kernel;

/**
 * How a mask is sampled in one step.
 *
 * @param kappa κ, by which logits are scaled, at least 0
 * @param tau τ, the temperature, above 0; (κ·logit + noise) / τ must stay far below 1e38
 * @param step which step's noise: forward and backward of a step agree because they name the same number
 * @param hard whether the mask is one-hot in the forward direction (the gradient is always that of the soft mask)
 */
public record Sample(float kappa, float tau, long step, boolean hard) {
    /** Checks the ranges. */
    public Sample {
        if (!(kappa >= 0 && kappa < Float.POSITIVE_INFINITY && tau > 0 && tau < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "kappa must be at least 0 and tau above 0, both finite; got kappa=" + kappa + ", tau=" + tau);
        }
    }

    /** A soft sample, as the paper trains. */
    public static Sample soft(float kappa, float tau, long step) {
        return new Sample(kappa, tau, step, false);
    }
}
