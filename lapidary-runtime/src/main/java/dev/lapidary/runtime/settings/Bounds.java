package dev.lapidary.runtime.settings;

import dev.lapidary.runtime.InputException;

/** Refuses values out of range, in the one form of message: {@code steps must be at least 1; got 0}. */
public final class Bounds {
    private Bounds() {}

    /** Refuses what is below a bound. */
    public static void atLeast(String name, long value, long least) {
        require(value >= least, name, "at least " + least, value);
    }

    /** Refuses what is outside a range whose ends belong to it. */
    public static void within(String name, long value, long least, long most) {
        require(value >= least && value <= most, name, "from " + least + " to " + most, value);
    }

    /** Refuses what is not a number strictly between 0 and 1. */
    public static void share(String name, double value) {
        require(value > 0 && value < 1, name, "between 0 and 1", value);
    }

    /** Refuses what is negative, infinite or not a number. */
    public static void notNegative(String name, double value) {
        require(value >= 0 && Double.isFinite(value), name, "finite and at least 0", value);
    }

    /** Refuses what does not hold, and says what must. */
    public static void require(boolean holds, String name, String what, Object got) {
        if (!holds) {
            throw new InputException(name + " must be " + what + "; got " + got);
        }
    }
}
