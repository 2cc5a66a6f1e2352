package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Where a training stands, apart from the trainable's own state.
 *
 * @param step number of steps done
 * @param lossSum sum of the losses since the last line of metrics
 * @param lossCount number of those losses
 * @param bestStep number of steps done at the best validation, -1 before the first
 * @param best its value
 * @param withoutImprovement number of validations since
 */
record Position(long step, double lossSum, long lossCount, long bestStep, double best, long withoutImprovement) {
    private static final long NONE = -1;

    static final Position START = new Position(0, 0, 0, NONE, 0, 0);

    /** Returns the position one step further. */
    Position stepped(double loss) {
        return new Position(step + 1, lossSum + loss, lossCount + 1, bestStep, best, withoutImprovement);
    }

    /** Returns the position after a line of metrics. */
    Position written() {
        return new Position(step, 0, 0, bestStep, best, withoutImprovement);
    }

    /** Returns the position after a validation; its {@link #bestStep()} is {@link #step()} where the value is the best. */
    Position validated(double value, EarlyStopping stopping) {
        return !hasBest() || stopping.improves(value, best)
                ? new Position(step, lossSum, lossCount, step, value, 0)
                : new Position(step, lossSum, lossCount, bestStep, best, withoutImprovement + 1);
    }

    boolean hasBest() {
        return bestStep != NONE;
    }

    double meanLoss() {
        return lossSum / lossCount;
    }

    OptionalDouble bestMetric() {
        return hasBest() ? OptionalDouble.of(best) : OptionalDouble.empty();
    }

    OptionalLong bestAt() {
        return hasBest() ? OptionalLong.of(bestStep) : OptionalLong.empty();
    }

    /** Writes it as texts that give the same bits back. */
    Map<String, String> texts() {
        return Map.of(
                "step", Long.toString(step),
                "lossSum", Double.toString(lossSum),
                "lossCount", Long.toString(lossCount),
                "bestStep", Long.toString(bestStep),
                "best", Double.toString(best),
                "withoutImprovement", Long.toString(withoutImprovement));
    }

    /** Reads what {@link #texts()} wrote. */
    static Position of(Map<String, String> texts) {
        return new Position(
                number(texts, "step", Long::valueOf),
                number(texts, "lossSum", Double::valueOf),
                number(texts, "lossCount", Long::valueOf),
                number(texts, "bestStep", Long::valueOf),
                number(texts, "best", Double::valueOf),
                number(texts, "withoutImprovement", Long::valueOf));
    }

    private static <N extends Number> N number(Map<String, String> texts, String key, Function<String, N> parse) {
        String text = texts.getOrDefault(key, "nothing");
        try {
            return parse.apply(text);
        } catch (NumberFormatException e) {
            throw new InputException("a checkpoint's " + key + " must be a number; got " + text, e);
        }
    }
}
