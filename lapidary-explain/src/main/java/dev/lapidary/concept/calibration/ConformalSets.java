package dev.lapidary.concept.calibration;

import dev.lapidary.metric.Interval;
import dev.lapidary.metric.ShareInterval;
import dev.lapidary.runtime.InputException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Split-conformal prediction sets: all classes whose probability is at least a threshold, so that the true class is missing in at most
 * a stated share of cases.
 *
 * <p>The threshold is the l-th smallest probability of the true class among n calibration items, l = ⌊(n + 1)·rate⌋, which is the k-th
 * largest with k = ⌈(n + 1)·(1 − rate)⌉. The rate holds on average over items drawn like the calibration items, and over the draw of
 * those, whatever the classifier, if the calibration items had no part in fitting or choosing it or its temperature. Where l = 0 (k > n)
 * there are too few calibration items for the rate: the threshold is 0 and every set holds every class.
 *
 * @param errorRate share of items whose true class may be missing, in (0, 1)
 * @param threshold least probability of a class in the set
 * @param items number of calibration items n
 * @see <a href="https://arxiv.org/abs/1609.00451">Sadinle et al. 2019, Least ambiguous set-valued classifiers</a>
 * @see <a href="https://arxiv.org/abs/2107.07511">Angelopoulos and Bates 2021, A gentle introduction to conformal prediction</a>
 */
public record ConformalSets(double errorRate, double threshold, int items) {
    private static final double ROUNDING = 1e-9; // of (n + 1)·rate, which may be an integer but for its last digits

    /** Checks the rate. */
    public ConformalSets {
        requireRate(errorRate);
    }

    /** Refuses a rate that is not between 0 and 1. */
    public static void requireRate(double errorRate) {
        if (!(errorRate > 0 && errorRate < 1)) {
            throw new InputException(
                    "the error rate must be above 0 and below 1, such as 0.1 for one in ten; got " + errorRate);
        }
    }

    /**
     * Finds the threshold.
     *
     * @param truth probability of the true class of each calibration item, ascending [n]
     */
    static ConformalSets of(List<Double> truth, double errorRate) {
        requireRate(errorRate);
        int below = below(truth.size(), errorRate);
        return new ConformalSets(errorRate, below < 1 ? 0 : truth.get(below - 1), truth.size());
    }

    /** l, in the class comment. */
    private static int below(int items, double errorRate) {
        return (int) Math.floor((items + 1) * errorRate + ROUNDING);
    }

    /** Returns the least number of calibration items with which sets at a rate can leave a class out: about 1/rate. */
    public static int leastItems(double errorRate) {
        requireRate(errorRate);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.ceil(1 / errorRate - ROUNDING) - 1));
    }

    /** Whether there are too few calibration items for the rate, so that every set holds every class. */
    public boolean tooFewItems() {
        return below(items, errorRate) < 1;
    }

    /**
     * Returns where the error rate in use lies in 95 % of cases. The stated rate is a mean over all draws of calibration items; with the
     * ones that were drawn, the rate in use has a Beta(l, n + 1 − l) distribution where no two probabilities are equal. [0, 0] where there
     * are too few calibration items.
     */
    public Interval rateInUse() {
        int below = below(items, errorRate);
        return below < 1
                ? new Interval(0, 0)
                : new Interval(
                        ShareInterval.of(below, items).low(),
                        ShareInterval.of(below - 1, items).high());
    }

    /** Returns the classes in the set of an item with these probabilities [K], from the same temperature, likeliest first. */
    public PredictionSet set(double[] probabilities) {
        return new PredictionSet(IntStream.range(0, probabilities.length)
                .filter(k -> probabilities[k] >= threshold)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> -probabilities[k]))
                .toList());
    }
}
