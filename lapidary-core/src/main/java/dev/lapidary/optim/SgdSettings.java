package dev.lapidary.optim;

import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Settings;

/**
 * The numbers of gradient descent that stay the same from step to step.
 *
 * @param momentum share of the velocity that is kept, in [0, 1); 0 for plain descent
 * @param nesterov whether the step looks ahead along the velocity
 * @param weightDecay at least 0; decay·w joins the gradient of w
 */
public record SgdSettings(double momentum, boolean nesterov, double weightDecay) implements Settings {
    /** Checks the ranges. */
    public SgdSettings {
        Bounds.require(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
        Bounds.require(!nesterov || momentum > 0, "momentum of Nesterov's step", "above 0", momentum);
        Bounds.notNegative("weight decay", weightDecay);
    }

    /** Returns plain descent: no momentum, no weight decay. */
    public static SgdSettings defaults() {
        return new SgdSettings(0, false, 0);
    }

    /** Returns these settings with another momentum. */
    public SgdSettings withMomentum(double newMomentum) {
        return Components.with(this, "momentum", newMomentum);
    }
}
