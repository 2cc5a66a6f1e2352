package dev.lapidary.estimator;

/**
 * A temperature that falls exponentially, in stairs, to a floor: τ(t) = max(floor, start·exp(−rate·every·⌊t/every⌋)) at step t.
 *
 * <p>The paper has start 1, floor 0.5, rates 1e-5 and 1e-4 and stairs of 500 or 1000 steps, over hundreds of thousands of steps. Shorter
 * trainings need a higher rate: {@link #reaching} derives it.
 *
 * @param start above 0
 * @param floor above 0 and at most start
 * @param rate a step, at least 0
 * @param every steps between two changes, at least 1
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax, ICLR 2017,
 *     section 4.1</a>
 */
public record AnnealedTemperature(double start, double floor, double rate, long every) {
    /** Checks the ranges. */
    public AnnealedTemperature {
        if (!(floor > 0 && start >= floor && Double.isFinite(start))) {
            throw new IllegalArgumentException(
                    "a temperature must fall from a finite start to a floor above 0; got " + start + " to " + floor);
        }
        if (!(rate >= 0 && Double.isFinite(rate)) || every < 1) {
            throw new IllegalArgumentException("the rate must be at least 0 and the stairs at least 1 step; got " + rate
                    + " and " + every);
        }
    }

    /** Returns a temperature that stays. */
    public static AnnealedTemperature constant(double value) {
        return new AnnealedTemperature(value, value, 0, 1);
    }

    /** Returns a temperature that falls from start and reaches the floor after a number of steps, in 20 stairs. */
    public static AnnealedTemperature reaching(double start, double floor, long steps) {
        return new AnnealedTemperature(start, floor, Math.log(start / floor) / steps, Math.max(1, steps / 20));
    }

    /** Returns the temperature of a step, from 0. */
    public double at(long step) {
        return Math.max(floor, start * Math.exp(-rate * every * Math.floorDiv(step, every)));
    }
}
