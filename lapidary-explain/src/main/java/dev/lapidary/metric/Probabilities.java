package dev.lapidary.metric;

/** Judges predicted probabilities by what came true, with proper scores: lower is better, and no other forecast than the truth is best. */
public final class Probabilities {
    private static final double MOST_OFF = 1e-4; // of a sum of probabilities from 1, for sums in float32

    private Probabilities() {}

    /**
     * Returns the mean of −ln p of the true class, in nats; infinite where a true class had probability 0, for nothing is clipped.
     *
     * @param probabilities of every class, rows sum to 1 [n, K]
     * @param labels true classes [n]
     */
    public static double logLoss(double[][] probabilities, int[] labels) {
        requireRows(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= Math.log(probabilities[i][labels[i]]);
        }
        return sum / labels.length;
    }

    /**
     * Returns the mean of −ln p of what came true, in nats, for two classes; infinite where that had probability 0.
     *
     * @param probabilities of the positive class [n]
     * @param labels true for positive items [n]
     */
    public static double logLoss(double[] probabilities, boolean[] labels) {
        requireBinary(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= labels[i] ? Math.log(probabilities[i]) : Math.log1p(-probabilities[i]);
        }
        return sum / labels.length;
    }

    /**
     * Returns the Brier score in its first form, mean of Σₖ (pₖ − yₖ)² with y one-hot, in [0, 2]: for two classes twice that of
     * {@link #brier(double[], boolean[])}.
     *
     * @param probabilities of every class, rows sum to 1 [n, K]
     * @param labels true classes [n]
     * @see <a href="https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2">Brier 1950</a>
     */
    public static double brier(double[][] probabilities, int[] labels) {
        requireRows(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int k = 0; k < probabilities[i].length; k++) {
                double off = probabilities[i][k] - (labels[i] == k ? 1 : 0);
                sum += off * off;
            }
        }
        return sum / labels.length;
    }

    /**
     * Returns the Brier score of two classes as it is usual today, mean of (p − y)², in [0, 1].
     *
     * @param probabilities of the positive class [n]
     * @param labels true for positive items [n]
     */
    public static double brier(double[] probabilities, boolean[] labels) {
        requireBinary(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double off = probabilities[i] - (labels[i] ? 1 : 0);
            sum += off * off;
        }
        return sum / labels.length;
    }

    /** Returns the perplexity of a mean loss per token in nats: its exponential. */
    public static double perplexity(double meanLoss) {
        return Math.exp(meanLoss);
    }

    private static void requireBinary(double[] probabilities, boolean[] labels) {
        Sizes.requireSame("probabilities", probabilities.length, "labels", labels.length);
        requireAll(probabilities);
    }

    static void requireAll(double[] probabilities) {
        for (int i = 0; i < probabilities.length; i++) {
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) {
                throw new IllegalArgumentException(
                        "probabilities must be from 0 to 1; got " + probabilities[i] + " for item " + i);
            }
        }
    }

    private static void requireRows(double[][] probabilities, int[] labels) {
        Sizes.requireSame("probabilities", probabilities.length, "labels", labels.length);
        for (int i = 0; i < labels.length; i++) {
            double sum = 0;
            for (double p : probabilities[i]) {
                sum += p >= 0 ? p : Double.NaN;
            }
            if (!(Math.abs(sum - 1) <= MOST_OFF)) {
                throw new IllegalArgumentException(
                        "probabilities must be at least 0 and sum to 1; got a sum of " + sum + " for item " + i);
            }
            if (labels[i] < 0 || labels[i] >= probabilities[i].length) {
                throw new IllegalArgumentException("labels must be from 0 to " + (probabilities[i].length - 1)
                        + "; got " + labels[i] + " for item " + i);
            }
        }
    }
}
