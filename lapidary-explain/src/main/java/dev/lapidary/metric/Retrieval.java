package dev.lapidary.metric;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Judges a ranking of candidates by their scores, highest first, by what is found among the first k.
 *
 * <p>Candidates of equal score are in no order: the figures are means over all orders of them, so that constant scores reach what
 * chance does.
 */
public final class Retrieval {
    private Retrieval() {}

    /**
     * Returns the share of the relevant candidates that are among the first k; NaN where none is relevant.
     *
     * @param scores [n]
     * @param relevant [n]
     * @param k at least 1; all where there are fewer candidates
     */
    public static double recall(double[] scores, boolean[] relevant, int k) {
        double[] gains = new double[relevant.length];
        double all = 0;
        for (int i = 0; i < gains.length; i++) {
            gains[i] = relevant[i] ? 1 : 0;
            all += gains[i];
        }
        return total(scores, gains, k, place -> 1) / all;
    }

    /**
     * Returns the normalised discounted cumulative gain: Σ gain/log₂(1 + place) of the first k, divided by that of the best order; NaN
     * where no candidate has a gain.
     *
     * @param scores [n]
     * @param gains at least 0, such as 2^grade − 1 [n]
     * @param k at least 1; all where there are fewer candidates
     * @see <a href="https://doi.org/10.1145/582415.582418">Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation</a>
     * @see <a href="https://doi.org/10.1007/978-3-540-78646-7_38">McSherry and Najork 2008, for tied scores</a>
     */
    public static double ndcg(double[] scores, double[] gains, int k) {
        for (double gain : gains) {
            if (!(gain >= 0) || Double.isInfinite(gain)) {
                throw new IllegalArgumentException("gains must be finite and at least 0; got " + gain);
            }
        }
        return total(scores, gains, k, Retrieval::discount) / total(gains, gains, k, Retrieval::discount);
    }

    private static double discount(int place) {
        return Math.log(2) / Math.log(place + 2.0);
    }

    /** What a place counts, the first being 0. */
    private interface Weight {
        double of(int place);
    }

    /** Σ weight·gain over the first k places, with the mean gain of tied candidates in each of their places. */
    private static double total(double[] scores, double[] gains, int k, Weight weight) {
        Sizes.requireSame("scores", scores.length, "relevances", gains.length);
        Sizes.requireFinite("scores", scores);
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1; got " + k);
        }
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -(scores[i] + 0.0))) // -0.0 becomes 0.0
                .mapToInt(Integer::intValue)
                .toArray();
        double total = 0;
        int from = 0;
        while (from < Math.min(k, order.length)) {
            int to = from;
            double gain = 0;
            double weights = 0;
            while (to < order.length && scores[order[to]] == scores[order[from]]) {
                gain += gains[order[to]];
                weights += to < k ? weight.of(to) : 0;
                to++;
            }
            total += weights * (gain / (to - from));
            from = to;
        }
        return total;
    }
}
