package dev.lapidary.concept.audit;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.explain.Lines;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Whether a classifier uses concepts as their names say, against the same concepts with their names shuffled.
 *
 * <p>Alignment is the mean over classes of the Pearson correlation, over concepts, between the map's weights and the cosines of class
 * name and concept name; a class without weights counts 0. Deciding by names replaces the weights by those cosines, standardised within
 * each class: concepts whose names carry nothing about the classes decide no better with their own names than with shuffled ones.
 *
 * @param alignment with the true names, in [-1, 1]
 * @param shuffledAlignment mean over permutations of the concepts' names
 * @param permutations how many
 * @param pValue share of permutations, the true one among them, that align at least as well
 * @param accuracyByNames share of items that the cosines in place of the weights decide rightly
 * @param accuracyByShuffledNames the same with shuffled names, mean over {@value #DECIDED} permutations
 */
public record NameAlignment(
        double alignment,
        double shuffledAlignment,
        int permutations,
        double pValue,
        double accuracyByNames,
        double accuracyByShuffledNames) {
    /** Permutations of names that alignment is compared with. */
    public static final int PERMUTATIONS = 1_000;

    static final int DECIDED = 20;

    /**
     * Measures it on items that training never saw.
     *
     * @param similarities cosines of class names and concept names [K, M]
     * @param items embeddings [n, d]
     * @param labels classes [n]
     */
    static NameAlignment of(
            ConceptScorer scorer, double[][] similarities, EmbeddingMatrix items, int[] labels, long seed) {
        double[][] byNames = standardised(similarities);
        double[][] weights = standardised(scorer.map().weights());
        int m = byNames[0].length;
        int[] order = new int[m];
        Arrays.setAll(order, i -> i);
        double alignment = correlation(weights, byNames, order);
        double accuracy = accuracy(scorer, byNames, order, items, labels);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ 0x6e616d6573L);
        double sum = 0;
        double decided = 0;
        int atLeast = 1;
        for (int p = 0; p < PERMUTATIONS; p++) {
            shuffle(order, random);
            double shuffled = correlation(weights, byNames, order);
            sum += shuffled;
            atLeast += shuffled >= alignment ? 1 : 0;
            decided += p < DECIDED ? accuracy(scorer, byNames, order, items, labels) : 0;
        }
        return new NameAlignment(
                alignment,
                sum / PERMUTATIONS,
                PERMUTATIONS,
                (double) atLeast / (PERMUTATIONS + 1),
                accuracy,
                decided / DECIDED);
    }

    /** Every row with mean 0 and length 1, so that the product of two rows is their correlation; constant rows become 0. */
    private static double[][] standardised(double[][] rows) {
        double[][] out = new double[rows.length][];
        for (int k = 0; k < rows.length; k++) {
            double mean = Arrays.stream(rows[k]).average().orElseThrow();
            double[] centred = Arrays.stream(rows[k]).map(x -> x - mean).toArray();
            double length = Math.sqrt(Arrays.stream(centred).map(x -> x * x).sum());
            out[k] = Arrays.stream(centred)
                    .map(x -> length < 1e-12 ? 0 : x / length)
                    .toArray();
        }
        return out;
    }

    private static double correlation(double[][] weights, double[][] byNames, int[] order) {
        double sum = 0;
        for (int k = 0; k < weights.length; k++) {
            for (int m = 0; m < order.length; m++) {
                sum += weights[k][m] * byNames[k][order[m]];
            }
        }
        return sum / weights.length;
    }

    private static double accuracy(
            ConceptScorer scorer, double[][] byNames, int[] order, EmbeddingMatrix items, int[] labels) {
        double root = Math.sqrt(order.length); // so that weights have deviation 1, far from what counts as absent
        double[][] weights = new double[byNames.length][order.length];
        for (int k = 0; k < weights.length; k++) {
            for (int m = 0; m < order.length; m++) {
                weights[k][m] = root * byNames[k][order[m]];
            }
        }
        int[] predicted = scorer.withMap(new NamedMap(weights, new double[weights.length]))
                .predict(items, null);
        return Evaluation.of(labels, predicted, weights.length).accuracy();
    }

    private static void shuffle(int[] order, RandomGenerator random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
    }

    /** Plain lines for a terminal. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "names: weights align with them by %.3f; shuffled %.3f (p = %.3f over %d permutations)",
                alignment,
                shuffledAlignment,
                pValue,
                permutations));
        lines.add("names: deciding by them alone is right for " + Lines.percent(accuracyByNames) + "; shuffled "
                + Lines.percent(accuracyByShuffledNames));
        return lines;
    }
}
