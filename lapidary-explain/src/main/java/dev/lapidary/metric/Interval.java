package dev.lapidary.metric;

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
}
