package dev.lapidary.concept.calibration;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Turns class scores into probabilities: softmax(scores / T) with one number T, which leaves the order of the classes as it is.
 *
 * <p>T is above 1 where the scores are too sure and below 1 where they are not sure enough. {@link #fit} minimises the log loss of
 * labelled items. It counts one item more, the mean of all items with every class as its label in equal shares: without it, items that
 * are all right would make T = 0 and every probability 0 or 1. Its share is 1/(n + 1), so it differs from the source little where there
 * are many items.
 *
 * @param value T, above 0, in the unit of the scores
 * @see <a href="https://arxiv.org/abs/1706.04599">Guo et al. 2017, On calibration of modern neural networks</a>
 */
public record Temperature(double value) {
    private static final double MOST = 1e4; // T lies within this factor of the spread of the scores
    private static final int HALVINGS = 100; // more than a double's digits can tell apart

    /** Checks the number. */
    public Temperature {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new InputException("a temperature must be above 0 and finite; got " + value);
        }
    }

    /**
     * Fits T to labelled items. The same scores give the same T to the bit.
     *
     * @param scores finite [n, K], at least one item
     * @param labels true classes, from 0 to K − 1 [n]
     */
    public static Temperature fit(double[][] scores, int[] labels) {
        double spread = spread(scores, labels);
        if (spread == 0) {
            return new Temperature(1); // the scores say nothing at any temperature
        }
        double low = -Math.log(MOST);
        double high = Math.log(MOST);
        // the loss is convex in 1/T, so its slope rises and has at most one zero
        DoubleUnaryOperator slope = u -> slope(scores, labels, Math.exp(u) / spread);
        for (int i = 0; i < HALVINGS; i++) {
            double middle = 0.5 * (low + high);
            if (slope.applyAsDouble(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new Temperature(spread * Math.exp(-0.5 * (low + high)));
    }

    /** Mean difference between an item's highest and lowest score. */
    private static double spread(double[][] scores, int[] labels) {
        if (scores.length != labels.length || scores.length == 0) {
            throw new IllegalArgumentException("scores and labels must be of the same items, at least 1; got "
                    + scores.length + " and " + labels.length);
        }
        double sum = 0;
        for (double[] z : scores) {
            double least = Arrays.stream(z).min().orElseThrow();
            double most = Arrays.stream(z).max().orElseThrow();
            sum += most - least;
        }
        if (!Double.isFinite(sum)) {
            throw new IllegalArgumentException("scores must be finite; got a spread of " + sum);
        }
        return sum / scores.length;
    }

    /** The slope of the sum of log losses in b = 1/T: Σ (Σₖ pₖ·zₖ − z of the true class), with the item that stands for all classes. */
    private static double slope(double[][] scores, int[] labels, double b) {
        double items = 0;
        double added = 0;
        for (int i = 0; i < labels.length; i++) {
            double[] p = softmax(scores[i], 1 / b);
            double expected = 0;
            double mean = 0;
            for (int k = 0; k < p.length; k++) {
                expected += p[k] * scores[i][k];
                mean += scores[i][k] / p.length;
            }
            items += expected - scores[i][labels[i]];
            added += expected - mean;
        }
        return items + added / labels.length;
    }

    /** Returns probabilities [K] that sum to 1 for scores [K]. */
    public double[] probabilities(double[] scores) {
        return softmax(scores, value);
    }

    /** Returns shares [K] that sum to 1 for scores [K]: e^z over the sum of all, which is T = 1. */
    public static double[] softmax(double[] scores) {
        return softmax(scores, 1);
    }

    private static double[] softmax(double[] scores, double temperature) {
        double most = Arrays.stream(scores).max().orElseThrow();
        double[] shares = new double[scores.length];
        double sum = 0;
        for (int k = 0; k < shares.length; k++) {
            shares[k] = Math.exp((scores[k] - most) / temperature);
            sum += shares[k];
        }
        for (int k = 0; k < shares.length; k++) {
            shares[k] /= sum;
        }
        return shares;
    }
}
