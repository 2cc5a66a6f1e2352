package dev.lapidary.metric;

import java.util.function.DoublePredicate;

/**
 * The exact 95 % interval of a share: all shares under which a count as far out as the one seen has a chance of at least 2.5 % on its
 * side.
 *
 * <p>Its ends are quantiles of beta distributions: 2.5 % of Beta(count, items − count + 1) and 97.5 % of Beta(count + 1, items − count).
 *
 * @see <a href="https://doi.org/10.1093/biomet/26.4.404">Clopper and Pearson 1934, The use of confidence or fiducial limits</a>
 */
public final class ShareInterval {
    private static final double TAIL = 0.025;
    private static final int HALVINGS = 60;

    private ShareInterval() {}

    /** Returns the interval of the share that a count of n items is, 0 ≤ count ≤ n. */
    public static Interval of(int count, int items) {
        if (items < 1 || count < 0 || count > items) {
            throw new IllegalArgumentException(
                    "a count must be from 0 to the number of items, at least 1; got " + count + " of " + items);
        }
        double low = count == 0 ? 0 : border(share -> atLeast(count, items, share) < TAIL);
        double high = count == items ? 1 : border(share -> 1 - atLeast(count + 1, items, share) >= TAIL);
        return new Interval(low, high);
    }

    /** The share up to which something is true. */
    private static double border(DoublePredicate holds) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = 0.5 * (low + high);
            if (holds.test(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 0.5 * (low + high);
    }

    /** The chance of at least a count, at least 1, among n items of which each counts with a share strictly between 0 and 1. */
    private static double atLeast(int count, int items, double share) {
        double odds = share / (1 - share);
        if (share * items <= count) { // terms fall from the count up
            double term = Math.exp(logChance(count, items, share));
            double sum = 0;
            for (int j = count; j <= items && term > 0; j++) {
                sum += term;
                term *= odds * (items - j) / (j + 1);
            }
            return sum;
        }
        double term = Math.exp(logChance(count - 1, items, share));
        double sum = 0;
        for (int j = count - 1; j >= 0 && term > 0; j--) {
            sum += term;
            term *= j / (odds * (items - j + 1));
        }
        return 1 - sum;
    }

    /** ln of the chance of exactly a count. */
    private static double logChance(int count, int items, double share) {
        double log = count * Math.log(share) + (items - count) * Math.log1p(-share);
        for (int j = 1; j <= count; j++) {
            log += Math.log((double) (items - count + j) / j);
        }
        return log;
    }
}
