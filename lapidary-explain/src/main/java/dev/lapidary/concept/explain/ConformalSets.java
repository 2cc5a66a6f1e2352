package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Split-conformal prediction sets: all classes whose probability is high enough that the true one is among them in a wanted share of
 * cases.
 *
 * <p>The share holds on average over items drawn like the calibration items, whatever the classifier; those must have had no part in
 * fitting it. A set may be empty or hold every class.
 *
 * @param alpha share of items whose true class may be missing, in (0, 1)
 * @param threshold least probability of a class in the set, 0 where there are too few calibration items for the level
 * @param calibrated number of calibration items
 * @see <a href="https://arxiv.org/abs/1609.00451">Sadinle et al. 2019, Least ambiguous set-valued classifiers</a>
 */
public record ConformalSets(double alpha, double threshold, int calibrated) {
    /** Checks the level. */
    public ConformalSets {
        if (!(alpha > 0 && alpha < 1)) {
            throw new InputException("alpha must be between 0 and 1; got " + alpha);
        }
    }

    /** Calibrates on rows of items [N, d] with their labels [rows], such as a split's validation part. */
    public static ConformalSets calibrate(
            ClassScorer scorer, EmbeddingMatrix items, int[] rows, int[] labels, double alpha) {
        return calibrate(scorer.logits(items, rows), labels, alpha);
    }

    static ConformalSets calibrate(double[][] logits, int[] labels, double alpha) {
        double[] ofTruth = new double[labels.length];
        Arrays.setAll(ofTruth, i -> Decision.softmax(logits[i])[labels[i]]);
        Arrays.sort(ofTruth);
        int outside =
                (int) Math.floor((labels.length + 1) * alpha + 1e-9); // calibration items below the threshold, plus one
        return new ConformalSets(alpha, outside < 1 ? 0 : ofTruth[outside - 1], labels.length);
    }

    /** The classes in the set of an item with these logits [K], likeliest first. */
    public List<Integer> set(double[] logits) {
        double[] shares = Decision.softmax(logits);
        return new ArrayList<>(IntStream.range(0, shares.length)
                .filter(k -> shares[k] >= threshold)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer k) -> shares[k]).reversed())
                .toList());
    }
}
