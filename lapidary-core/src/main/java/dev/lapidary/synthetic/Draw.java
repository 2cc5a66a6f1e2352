package dev.lapidary.synthetic;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;

/**
 * Random numbers of one purpose, a pure function of seed, purpose, item and place: whatever else is drawn, and in whatever order, they
 * stay the same.
 */
final class Draw {
    private final CounterNoise noise;

    Draw(long seed, String purpose) {
        noise = new CounterNoise(seed, Long.parseUnsignedLong(Sha256.of(purpose).substring(0, 16), 16));
    }

    /** Uniform in (0, 1). */
    double uniform(long item, long place) {
        return noise.uniformAt(item, place);
    }

    /** Uniform in (0, 1) in steps of 2^-46, for choices among many; uses the uniform values 2·place and 2·place + 1 of the item. */
    double fine(long item, long place) {
        return uniform(item, 2 * place) + (uniform(item, 2 * place + 1) - 0.5) * 0x1p-23;
    }

    /** Standard normal; uses the uniform values 2·place and 2·place + 1 of the item. */
    double normal(long item, long place) {
        double radius = Math.sqrt(-2 * StrictMath.log(uniform(item, 2 * place)));
        return radius * StrictMath.cos(2 * Math.PI * uniform(item, 2 * place + 1));
    }

    /** A whole number from 0 to below a bound. */
    int below(int bound, long item, long place) {
        return (int) (uniform(item, place) * bound);
    }

    /** −1 or 1. */
    int sign(long item, long place) {
        return uniform(item, place) < 0.5 ? -1 : 1;
    }

    /** The numbers from 0 to below n in an even order. */
    int[] permutation(int n, long item) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = below(i + 1, item, i);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Refuses a whole number that is too small. */
    static void atLeast(String what, long value, long least) {
        if (value < least) {
            throw new InputException(what + " must be at least " + least + "; got " + value);
        }
    }

    /** Refuses a whole number that is not between two others, which are included. */
    static void between(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InputException(what + " must be from " + least + " to " + most + "; got " + value);
        }
    }

    /** Refuses what is not between two numbers, of which the first is included. */
    static void within(String what, double value, double from, double below) {
        if (!(value >= from && value < below)) {
            throw new InputException(what + " must be from " + from + " to below " + below + "; got " + value);
        }
    }
}
