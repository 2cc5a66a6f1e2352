package dev.lapidary.concept.classifier;

import dev.lapidary.metric.ConfusionMatrix;
import java.util.List;
import java.util.stream.IntStream;

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
        ConfusionMatrix counts = ConfusionMatrix.of(labels, predictions, classes);
        List<List<Integer>> confusion = IntStream.range(0, classes)
                .mapToObj(truth -> IntStream.range(0, classes)
                        .mapToObj(said -> Math.toIntExact(counts.count(truth, said)))
                        .toList())
                .toList();
        return new Evaluation(counts.accuracy(), counts.macroF1(), counts.majority(), confusion);
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
