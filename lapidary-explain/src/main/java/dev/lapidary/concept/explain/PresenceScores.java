package dev.lapidary.concept.explain;

import java.util.Arrays;

/**
 * The scores of the items that show a concept, and of those that do not. A rule calls a concept present where the score is above a
 * threshold.
 */
final class PresenceScores {
    private final float[] present; // sorted
    private final float[] absent; // sorted

    private PresenceScores(float[] present, float[] absent) {
        this.present = present;
        this.absent = absent;
        Arrays.sort(present);
        Arrays.sort(absent);
    }

    /**
     * Sets the scores of one concept against the labels of another, or of the same; items of unknown label are left out.
     *
     * @param scored column of the scores
     * @param labelled column of the labels
     */
    static PresenceScores of(LabelledScores items, int scored, int labelled) {
        return new PresenceScores(column(items, scored, labelled, 1), column(items, scored, labelled, 0));
    }

    private static float[] column(LabelledScores items, int scored, int labelled, int label) {
        float[] column = new float[items.items()];
        int size = 0;
        for (int i = 0; i < column.length; i++) {
            if (items.labels()[i][labelled] == label) {
                column[size++] = items.scores()[i][scored];
            }
        }
        return Arrays.copyOf(column, size);
    }

    /** Whether the concept is present in some items and absent in others. */
    boolean bothSeen() {
        return present.length > 0 && absent.length > 0;
    }

    /** Returns the share of the items that show the concept; NaN where nothing is known. */
    double share() {
        return (double) present.length / (present.length + absent.length);
    }

    /**
     * Returns the threshold of the greatest balanced accuracy, halfway between two neighbouring scores; of several the lowest. Where
     * none is better than calling all items the same, as with constant scores, it is negative infinity.
     */
    double threshold() {
        long best = (long) present.length * absent.length; // all called present, in the unit of the sum below
        double threshold = Double.NEGATIVE_INFINITY;
        int p = 0;
        int a = 0;
        while (p < present.length || a < absent.length) {
            double value = Math.min(at(present, p), at(absent, a));
            p = above(present, p, value);
            a = above(absent, a, value);
            long right = (long) (present.length - p) * absent.length + (long) a * present.length;
            if (right > best) {
                best = right;
                threshold = 0.5 * (value + Math.min(at(present, p), at(absent, a)));
            }
        }
        return threshold;
    }

    /** Returns the mean of the shares of present and of absent items that are called right; NaN where either has no item. */
    double balancedAccuracy(double threshold) {
        double presentRight = present.length - above(present, 0, threshold);
        double absentRight = above(absent, 0, threshold);
        return 0.5 * (presentRight / present.length + absentRight / absent.length);
    }

    /** Returns the probability that a present item scores above an absent one, ties counting half; NaN where either has none. */
    double rocArea() {
        double wins = 0;
        int below = 0;
        int upTo = 0;
        for (float score : present) {
            while (below < absent.length && absent[below] < score) {
                below++;
            }
            while (upTo < absent.length && absent[upTo] <= score) {
                upTo++;
            }
            wins += 0.5 * ((double) below + upTo);
        }
        return wins / present.length / absent.length;
    }

    /** Returns the first place from a given one on whose score is above a value. */
    private static int above(float[] sorted, int from, double value) {
        int place = from;
        while (place < sorted.length && sorted[place] <= value) {
            place++;
        }
        return place;
    }

    private static double at(float[] sorted, int place) {
        return place < sorted.length ? sorted[place] : Double.POSITIVE_INFINITY;
    }
}
