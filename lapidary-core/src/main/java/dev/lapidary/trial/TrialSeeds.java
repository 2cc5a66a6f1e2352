package dev.lapidary.trial;

import dev.lapidary.runtime.InputException;
import java.util.stream.LongStream;

/**
 * Consecutive seeds.
 *
 * <p>Seeds from 0 to 4 are for development; what is published comes from {@value #PUBLISHED} on.
 *
 * @param first at least 0
 * @param count at least 1
 */
public record TrialSeeds(long first, int count) {
    /** The first seed of published evidence. */
    public static final long PUBLISHED = 1000;

    private static final int MOST = 1000;

    /** Checks the numbers. */
    public TrialSeeds {
        if (first < 0 || first > Integer.MAX_VALUE) {
            throw new InputException("the first seed must be from 0 to " + Integer.MAX_VALUE + "; got " + first);
        }
        if (count < 1 || count > MOST) {
            throw new InputException("the number of seeds must be from 1 to " + MOST + "; got " + count);
        }
    }

    /** Returns the seeds, ascending. */
    public long[] all() {
        return LongStream.range(first, first + count).toArray();
    }
}
