package dev.lapidary.concept.classifier;

import java.util.Arrays;
import java.util.List;

/**
 * How predictions stand against true classes.
 *
 * @param accuracy share of items that are right
 * @param macroF1 mean over the classes that occur of 2·precision·recall/(precision + recall); a class never predicted counts 0
 * @param majority share of the most frequent true class: what always naming it would reach
 * @param confusion counts [K true, K predicted]
 */
public record Evaluation(double accuracy, double macroF1, double majority, List<List<Integer>> confusion) {
    /** Compares predictions with labels, both [n], for K classes. */
    public static Evaluation of(int[] labels, int[] predictions, int classes) {
        if (labels.length != predictions.length || labels.length == 0) {
            throw new IllegalArgumentException("labels and predictions must be as many and at least one; got "
                    + labels.length + " and " + predictions.length);
        }
        Integer[][] counts = new Integer[classes][classes];
        for (Integer[] row : counts) {
            Arrays.fill(row, 0);
        }
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]][predictions[i]]++;
            right += labels[i] == predictions[i] ? 1 : 0;
        }
        double f1 = 0;
        int occurring = 0;
        int most = 0;
        for (int k = 0; k < classes; k++) {
            int is = 0;
            int said = 0;
            for (int j = 0; j < classes; j++) {
                is += counts[k][j];
                said += counts[j][k];
            }
            most = Math.max(most, is);
            if (is > 0) {
                occurring++;
                f1 += 2.0 * counts[k][k] / (is + said); // = 2PR/(P+R)
            }
        }
        List<List<Integer>> confusion = Arrays.stream(counts).map(List::of).toList();
        return new Evaluation((double) right / labels.length, f1 / occurring, (double) most / labels.length, confusion);
    }

    /** Which predictions are right, [n]. */
    public static boolean[] right(int[] labels, int[] predicted) {
        boolean[] right = new boolean[labels.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = labels[i] == predicted[i];
        }
        return right;
    }
}
