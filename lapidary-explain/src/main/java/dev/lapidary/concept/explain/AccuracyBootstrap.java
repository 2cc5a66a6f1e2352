package dev.lapidary.concept.explain;

import dev.lapidary.metric.Bootstrap;
import dev.lapidary.metric.Interval;

/** Percentiles of the mean balanced accuracy of several concepts when the items are drawn again, with all their concepts together. */
final class AccuracyBootstrap {
    /** What a rule says of an item: a bit for what is true and one for what is called. */
    private static final int PRESENT = 2;

    private static final int CALLED = 1;
    private static final int UNKNOWN = 4;

    private final byte[][] outcomes; // [c][n]

    /**
     * Begins with the outcomes of fixed thresholds.
     *
     * @param judged columns of the concepts, c of them
     * @param thresholds by column [k]
     */
    AccuracyBootstrap(LabelledScores items, int[] judged, double[] thresholds) {
        outcomes = new byte[judged.length][items.items()];
        for (int c = 0; c < judged.length; c++) {
            int k = judged[c];
            for (int i = 0; i < items.items(); i++) {
                byte label = items.labels()[i][k];
                int called = items.scores()[i][k] > thresholds[k] ? CALLED : 0;
                outcomes[c][i] =
                        (byte) (label == LabelledScores.UNKNOWN ? UNKNOWN : (label == 1 ? PRESENT : 0) | called);
            }
        }
    }

    /** Returns a 95 % interval. */
    Interval interval() {
        int items = outcomes[0].length;
        return Bootstrap.interval(items, 0x626f6f74L + items, this::mean);
    }

    /** The mean over the concepts of which the resample has items with and without. */
    private double mean(int[] times) {
        double sum = 0;
        int concepts = 0;
        for (byte[] outcome : outcomes) {
            int[] count = new int[UNKNOWN + 1];
            for (int i = 0; i < times.length; i++) {
                count[outcome[i]] += times[i];
            }
            double present = count[PRESENT] + count[PRESENT | CALLED];
            double absent = count[0] + count[CALLED];
            if (present > 0 && absent > 0) {
                sum += 0.5 * (count[PRESENT | CALLED] / present + count[0] / absent);
                concepts++;
            }
        }
        return sum / concepts;
    }
}
