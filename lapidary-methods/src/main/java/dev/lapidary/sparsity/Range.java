package dev.lapidary.sparsity;

import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.InputException;

/** A value that changes from one number to another in the course of a training. */
public record Range(double from, double to) {
    /** Refuses values that are not positive. */
    public Range {
        if (!(from > 0 && to > 0 && Double.isFinite(from) && Double.isFinite(to))) {
            throw new InputException("a range must have two positive ends; got " + from + "," + to);
        }
    }

    /** Reads {@code A,B}. */
    public static Range parse(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 2) {
                return new Range(Double.parseDouble(parts[0].strip()), Double.parseDouble(parts[1].strip()));
            }
        } catch (NumberFormatException | InputException e) {
            throw new InputException("a range must be two positive numbers A,B; got " + text, e);
        }
        throw new InputException("a range must be two positive numbers A,B; got " + text);
    }

    Schedule line() {
        return Schedule.linear(from, to);
    }

    Schedule cosine() {
        return Schedule.cosine(from, to);
    }

    @Override
    public String toString() {
        return from + "," + to;
    }
}
