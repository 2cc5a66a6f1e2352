package dev.lapidary.metric;

import java.util.HashSet;
import java.util.Set;

/**
 * Compares a set that was found with the true one, such as recovered features with planted ones or the pixels of two masks.
 *
 * @param common members of both sets
 * @param foundOnly members of the found set alone
 * @param trueOnly members of the true set alone
 */
public record SetOverlap(long common, long foundOnly, long trueOnly) {
    /** Checks the counts. */
    public SetOverlap {
        if (common < 0 || foundOnly < 0 || trueOnly < 0) {
            throw new IllegalArgumentException(
                    "counts must be at least 0; got " + common + ", " + foundOnly + " and " + trueOnly);
        }
    }

    /** Compares two sets. */
    public static SetOverlap of(Set<?> found, Set<?> truth) {
        Set<Object> both = new HashSet<>(found);
        both.retainAll(truth);
        return new SetOverlap(both.size(), found.size() - both.size(), truth.size() - both.size());
    }

    /** Compares two masks of the same items [n], true where an item belongs to the set. */
    public static SetOverlap of(boolean[] found, boolean[] truth) {
        Sizes.requireSame("found", found.length, "truth", truth.length);
        long common = 0;
        long foundOnly = 0;
        long trueOnly = 0;
        for (int i = 0; i < found.length; i++) {
            common += found[i] && truth[i] ? 1 : 0;
            foundOnly += found[i] && !truth[i] ? 1 : 0;
            trueOnly += !found[i] && truth[i] ? 1 : 0;
        }
        return new SetOverlap(common, foundOnly, trueOnly);
    }

    /** Adds the counts of another comparison; figures of the sum are micro averages. */
    public SetOverlap plus(SetOverlap other) {
        return new SetOverlap(common + other.common, foundOnly + other.foundOnly, trueOnly + other.trueOnly);
    }

    /** Returns the share of the found set that is true; NaN where nothing was found. */
    public double precision() {
        return (double) common / (common + foundOnly);
    }

    /** Returns the share of the true set that was found; NaN where the true set is empty. */
    public double recall() {
        return (double) common / (common + trueOnly);
    }

    /** Returns 2·precision·recall/(precision + recall), also called Dice; 1 where both sets are empty. */
    public double f1() {
        long sizes = 2 * common + foundOnly + trueOnly;
        return sizes == 0 ? 1 : 2.0 * common / sizes;
    }

    /** Returns the size of the intersection divided by that of the union; 1 where both sets are empty. */
    public double jaccard() {
        long union = common + foundOnly + trueOnly;
        return union == 0 ? 1 : (double) common / union;
    }
}
