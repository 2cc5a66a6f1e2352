package dev.lapidary.optim;

import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Settings;

/**
 * The numbers of AdamW that stay the same from step to step; with no weight decay it is Adam.
 *
 * <p>Every AdamW of the library follows this formula. Step t, from 1, with gradient g, moments m and v that begin at 0, learning
 * rate r and weights w:
 *
 * <pre>
 * m = beta1·m + (1 − beta1)·g
 * v = beta2·v + (1 − beta2)·g²
 * w = w·(1 − r·weightDecay) − r/(1 − beta1^t) · m / (√v/√(1 − beta2^t) + epsilon)
 * </pre>
 *
 * <p>Weight decay is decoupled: it does not pass through the moments.
 *
 * @param beta1 decay of the mean of gradients, in [0, 1)
 * @param beta2 decay of the mean of their squares, in [0, 1)
 * @param epsilon added to the root of the corrected mean of squares, above 0
 * @param weightDecay at least 0
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma and Ba, Adam, ICLR 2015</a>
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019</a>
 */
public record AdamSettings(double beta1, double beta2, double epsilon, double weightDecay)
        implements Settings {
    /** Checks the ranges. */
    public AdamSettings {
        Bounds.require(beta1 >= 0 && beta1 < 1, "beta1", "in [0, 1)", beta1);
        Bounds.require(beta2 >= 0 && beta2 < 1, "beta2", "in [0, 1)", beta2);
        Bounds.require(epsilon > 0 && Double.isFinite(epsilon), "epsilon", "finite and above 0", epsilon);
        Bounds.notNegative("weight decay", weightDecay);
    }

    /** Returns the paper's numbers, which are PyTorch's: betas 0.9 and 0.999, epsilon 1e-8, no weight decay. */
    public static AdamSettings defaults() {
        return new AdamSettings(0.9, 0.999, 1e-8, 0);
    }

    /** Returns these settings with another weight decay. */
    public AdamSettings withWeightDecay(double newDecay) {
        return Components.with(this, "weightDecay", newDecay);
    }
}
