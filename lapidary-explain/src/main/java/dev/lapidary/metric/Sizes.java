package dev.lapidary.metric;

/** Refuses arrays that do not fit each other. */
final class Sizes {
    private Sizes() {}

    /** Requires two arrays of one entry an item, for at least one item. */
    static void requireSame(String one, int size, String other, int otherSize) {
        if (size != otherSize || size == 0) {
            throw new IllegalArgumentException(one + " and " + other + " must be of the same items, at least 1; got "
                    + size + " and " + otherSize);
        }
    }

    /** Requires numbers that are finite. */
    static void requireFinite(String what, double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(what + " must be finite; got " + values[i] + " for item " + i);
            }
        }
    }
}
