package dev.lapidary.metric;

import java.util.Arrays;

/**
 * The values that a figure can plausibly have; the maker says at what level.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
    /** Whether a value lies within, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /**
     * Returns the 95 % interval of a mean by Student's t: mean ± t·s/√n. Of paired differences it is the paired t interval.
     *
     * @param values independent draws, at least 2 [n]
     */
    public static Interval ofMean(double... values) {
        int n = values.length;
        if (n < 2) {
            throw new IllegalArgumentException("an interval of a mean needs at least 2 values; got " + n);
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double half = StudentT.quantile(n - 1) * Math.sqrt(squares / (n - 1) / n);
        return new Interval(mean - half, mean + half);
    }
}
