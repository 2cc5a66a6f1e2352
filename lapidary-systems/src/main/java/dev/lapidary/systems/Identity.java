package dev.lapidary.systems;

import java.util.function.DoubleSupplier;

/**
 * Something that must hold exactly, or to rounding, whatever the seed: a formula against its definition, a limit, a count.
 *
 * @param name what must hold, in a few words
 * @param bound the most that the error may be, with the reason in the name where it is not rounding
 * @param error measures the error, which is never below 0
 */
public record Identity(String name, double bound, DoubleSupplier error) {
    /**
     * An identity, measured.
     *
     * @param name what must hold
     * @param error what was measured
     * @param bound the most that it may be
     */
    public record Result(String name, double error, double bound) {
        /** Whether the error is within the bound; NaN is not. */
        public boolean held() {
            return error <= bound;
        }
    }

    /** Measures the error. */
    public Result measure() {
        return new Result(name, error.getAsDouble(), bound);
    }
}
