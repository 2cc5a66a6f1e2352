package dev.lapidary.train;

import dev.lapidary.runtime.InputException;

/**
 * Keeps the state with the best validation value and stops where it has not improved for some time.
 *
 * @param metric the name among the values of {@link Trainable#validate}
 * @param higherIsBetter true for an accuracy, false for a loss
 * @param patience number of validations in a row without improvement after which training stops, at least 1
 * @param minImprovement by how much a value must be better to count, in the metric's unit, not negative
 */
public record EarlyStopping(String metric, boolean higherIsBetter, long patience, double minImprovement) {
    /** Checks the values. */
    public EarlyStopping {
        if (patience < 1) {
            throw new InputException("patience must be at least 1; got " + patience);
        }
        if (!(minImprovement >= 0 && Double.isFinite(minImprovement))) {
            throw new InputException("minImprovement must be finite and not negative; got " + minImprovement);
        }
    }

    /** Stops after {@code patience} validations without a higher value. */
    public static EarlyStopping highest(String metric, long patience) {
        return new EarlyStopping(metric, true, patience, 0);
    }

    /** Stops after {@code patience} validations without a lower value. */
    public static EarlyStopping lowest(String metric, long patience) {
        return new EarlyStopping(metric, false, patience, 0);
    }

    /** Takes all steps of the plan, and only then goes back to the best state. */
    public EarlyStopping withoutStopping() {
        return new EarlyStopping(metric, higherIsBetter, Long.MAX_VALUE, minImprovement);
    }

    boolean improves(double value, double best) {
        return higherIsBetter ? value > best + minImprovement : value < best - minImprovement;
    }
}
