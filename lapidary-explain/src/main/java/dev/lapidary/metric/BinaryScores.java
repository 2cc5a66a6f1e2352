package dev.lapidary.metric;

import java.util.Arrays;

/**
 * Judges scores that should be higher for positive items than for negative ones.
 *
 * <p>Holds the sorted scores of both kinds. A threshold calls an item positive where its score is above it.
 */
public final class BinaryScores {
    private final double[] positive; // sorted
    private final double[] negative; // sorted

    private BinaryScores(double[] positive, double[] negative) {
        this.positive = positive;
        this.negative = negative;
        requireNumbers(positive);
        requireNumbers(negative);
        Arrays.sort(positive);
        Arrays.sort(negative);
    }

    private static void requireNumbers(double[] scores) {
        for (double score : scores) {
            if (Double.isNaN(score)) {
                throw new IllegalArgumentException("scores must be numbers; got NaN");
            }
        }
    }

    /**
     * Takes one score and one label an item.
     *
     * @param scores in any unit [n]
     * @param labels true for positive items [n]
     */
    public static BinaryScores of(double[] scores, boolean[] labels) {
        Sizes.requireSame("scores", scores.length, "labels", labels.length);
        return new BinaryScores(ofLabel(scores, labels, true), ofLabel(scores, labels, false));
    }

    private static double[] ofLabel(double[] scores, boolean[] labels, boolean label) {
        double[] chosen = new double[scores.length];
        int size = 0;
        for (int i = 0; i < scores.length; i++) {
            if (labels[i] == label) {
                chosen[size++] = scores[i];
            }
        }
        return Arrays.copyOf(chosen, size);
    }

    /** Takes the scores of positive items and those of negative ones, in any order; either may be empty. */
    public static BinaryScores of(double[] positive, double[] negative) {
        return new BinaryScores(positive.clone(), negative.clone());
    }

    /** Whether there are positive and negative items. */
    public boolean bothSeen() {
        return positive.length > 0 && negative.length > 0;
    }

    /** Returns the share of positive items; NaN without items. */
    public double share() {
        return (double) positive.length / (positive.length + negative.length);
    }

    /**
     * Returns the area under the ROC curve: the probability that a positive item scores above a negative one, ties counting half; NaN
     * where either kind has no items.
     */
    public double rocArea() {
        double wins = 0;
        int below = 0;
        int upTo = 0;
        for (double score : positive) {
            while (below < negative.length && negative[below] < score) {
                below++;
            }
            while (upTo < negative.length && negative[upTo] <= score) {
                upTo++;
            }
            wins += 0.5 * ((double) below + upTo);
        }
        return wins / positive.length / negative.length;
    }

    /**
     * Returns the average precision: Σ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds between distinct scores, from the highest down, with Rₙ the
     * recall and Pₙ the precision above the threshold; NaN without positive items. Constant scores have the share of positive items.
     */
    public double averagePrecision() {
        double sum = 0;
        int p = positive.length; // positive items that are not above the threshold
        int n = negative.length;
        while (p > 0) {
            double value = n > 0 ? Math.max(positive[p - 1], negative[n - 1]) : positive[p - 1];
            int before = p;
            while (p > 0 && positive[p - 1] == value) {
                p--;
            }
            while (n > 0 && negative[n - 1] == value) {
                n--;
            }
            double above = positive.length - p;
            sum += (before - p) * (above / (above + negative.length - n));
        }
        return sum / positive.length;
    }

    /**
     * Returns the threshold of the greatest balanced accuracy, halfway between two neighbouring scores; of several the lowest. Where
     * none is better than calling all items the same, as with constant scores, it is negative infinity.
     */
    public double threshold() {
        long best = (long) positive.length * negative.length; // all called positive, in the unit of the sum below
        double threshold = Double.NEGATIVE_INFINITY;
        int p = 0;
        int n = 0;
        while (p < positive.length || n < negative.length) {
            double value = Math.min(at(positive, p), at(negative, n));
            p = above(positive, p, value);
            n = above(negative, n, value);
            long right = (long) (positive.length - p) * negative.length + (long) n * positive.length;
            if (right > best) {
                best = right;
                threshold = 0.5 * (value + Math.min(at(positive, p), at(negative, n)));
            }
        }
        return threshold;
    }

    /** Returns the mean of the shares of positive and of negative items that are called right; NaN where either kind has no items. */
    public double balancedAccuracy(double threshold) {
        double positiveRight = positive.length - above(positive, 0, threshold);
        double negativeRight = above(negative, 0, threshold);
        return 0.5 * (positiveRight / positive.length + negativeRight / negative.length);
    }

    /** Returns the first place from a given one on whose score is above a value. */
    private static int above(double[] sorted, int from, double value) {
        int place = from;
        while (place < sorted.length && sorted[place] <= value) {
            place++;
        }
        return place;
    }

    private static double at(double[] sorted, int place) {
        return place < sorted.length ? sorted[place] : Double.POSITIVE_INFINITY;
    }
}
