package dev.lapidary.optim;

/**
 * The numbers of gradient descent that stay the same from step to step.
 *
 * @param momentum share of the velocity that is kept, in [0, 1); 0 for plain descent
 * @param nesterov whether the step looks ahead along the velocity
 * @param weightDecay at least 0; decay·w joins the gradient of w
 */
public record SgdSettings(double momentum, boolean nesterov, double weightDecay) {
    /** Checks the ranges. */
    public SgdSettings {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum must be in [0, 1); got " + momentum);
        }
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("Nesterov's step needs a momentum above 0; got 0");
        }
        if (!(weightDecay >= 0 && Double.isFinite(weightDecay))) {
            throw new IllegalArgumentException("weight decay must be finite and at least 0; got " + weightDecay);
        }
    }

    /** Returns plain descent. */
    public static SgdSettings plain() {
        return new SgdSettings(0, false, 0);
    }

    /** Returns descent with momentum, not Nesterov's. */
    public static SgdSettings heavyBall(double momentum) {
        return new SgdSettings(momentum, false, 0);
    }
}
