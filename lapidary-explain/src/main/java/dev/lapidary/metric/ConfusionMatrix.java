package dev.lapidary.metric;

import java.util.function.ToDoubleFunction;

/**
 * Counts how predicted classes stand against true ones, and gives the figures that follow from the counts.
 *
 * <p>Means over classes are over those that occur among the true labels. With one label an item, the micro-averaged F1 is the accuracy.
 */
public final class ConfusionMatrix {
    private final long[][] counts; // [K true, K predicted]
    private final long items;

    private ConfusionMatrix(long[][] counts, long items) {
        this.counts = counts;
        this.items = items;
    }

    /**
     * Counts.
     *
     * @param labels true class of each item, from 0 to K − 1 [n]
     * @param predictions predicted class of each item [n]
     * @param classes K
     */
    public static ConfusionMatrix of(int[] labels, int[] predictions, int classes) {
        Sizes.requireSame("labels", labels.length, "predictions", predictions.length);
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < labels.length; i++) {
            requireClass(labels[i], classes, i);
            requireClass(predictions[i], classes, i);
            counts[labels[i]][predictions[i]]++;
        }
        return new ConfusionMatrix(counts, labels.length);
    }

    private static void requireClass(int k, int classes, int item) {
        if (k < 0 || k >= classes) {
            throw new IllegalArgumentException(
                    "classes must be from 0 to " + (classes - 1) + "; got " + k + " for item " + item);
        }
    }

    /** Returns K. */
    public int classes() {
        return counts.length;
    }

    /** Returns how many items of a true class were predicted as another, or as the same. */
    public long count(int truth, int predicted) {
        return counts[truth][predicted];
    }

    /** Returns the share of items that are right. */
    public double accuracy() {
        long right = 0;
        for (int k = 0; k < counts.length; k++) {
            right += counts[k][k];
        }
        return (double) right / items;
    }

    /** Returns the share of the most frequent true class: what always naming it would reach. */
    public double majority() {
        long most = 0;
        for (int k = 0; k < counts.length; k++) {
            most = Math.max(most, occurrences(k));
        }
        return (double) most / items;
    }

    /** Returns the mean recall of the classes that occur: 1/K on average for a random guess. */
    public double balancedAccuracy() {
        return mean(SetOverlap::recall);
    }

    /** Returns the mean F1 of the classes that occur; a class that is never predicted counts 0. */
    public double macroF1() {
        return mean(SetOverlap::f1);
    }

    /** Returns the mean, over the classes that occur, of intersection over union; of pixels it is known as mIoU. */
    public double meanJaccard() {
        return mean(SetOverlap::jaccard);
    }

    /** Returns precision, recall, F1 and Jaccard index of one class against all others. */
    public SetOverlap ofClass(int k) {
        long predicted = 0;
        for (long[] row : counts) {
            predicted += row[k];
        }
        return new SetOverlap(counts[k][k], predicted - counts[k][k], occurrences(k) - counts[k][k]);
    }

    private long occurrences(int k) {
        long sum = 0;
        for (long count : counts[k]) {
            sum += count;
        }
        return sum;
    }

    private double mean(ToDoubleFunction<SetOverlap> figure) {
        double sum = 0;
        int occurring = 0;
        for (int k = 0; k < counts.length; k++) {
            if (occurrences(k) > 0) {
                sum += figure.applyAsDouble(ofClass(k));
                occurring++;
            }
        }
        return sum / occurring;
    }
}
