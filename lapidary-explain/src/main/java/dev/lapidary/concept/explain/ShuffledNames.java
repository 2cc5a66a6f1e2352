package dev.lapidary.concept.explain;

import dev.lapidary.metric.BinaryScores;
import dev.lapidary.metric.LeastCostMatching;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Concepts judged by the scores of others: what accuracy is left when names mean nothing.
 *
 * <p>Every concept gets another one as its stand-in, each of them once, drawn so that their true labels are nearly independent;
 * otherwise "a red circle" could stand in for "something red" and be right. The expected balanced accuracy is then about a half.
 *
 * @param seed what drew the stand-ins
 * @param concepts those that were judged, in order
 * @param standIns whose scores were taken for each
 * @param balancedAccuracy mean over the concepts, thresholds chosen on the validation items
 * @param rocArea mean area under the ROC curve
 * @param dependent pairs that could not be kept nearly independent
 */
public record ShuffledNames(
        long seed,
        List<String> concepts,
        List<String> standIns,
        double balancedAccuracy,
        double rocArea,
        List<Dependent> dependent) {
    /** Labels of a greater correlation, on the validation items, are dependent. */
    public static final double MOST_PHI = 0.1;

    /** A concept whose stand-in's labels depend on its own: the correlation phi of the two, in [-1, 1]. */
    public record Dependent(String concept, String standIn, double phi) {}

    /** Copies the lists. */
    public ShuffledNames {
        concepts = List.copyOf(concepts);
        standIns = List.copyOf(standIns);
        dependent = List.copyOf(dependent);
    }

    /**
     * Draws stand-ins and judges by them.
     *
     * @param phi correlations of the labels of the judged concepts on the validation items [c, c]
     * @param judged columns of the judged concepts, c of them, at least two
     */
    static ShuffledNames of(
            List<String> names,
            int[] judged,
            double[][] phi,
            LabelledScores validation,
            LabelledScores test,
            long seed) {
        int[] standIn = standIns(phi, seed);
        List<String> concepts = new ArrayList<>();
        List<String> standIns = new ArrayList<>();
        List<Dependent> dependent = new ArrayList<>();
        double accuracy = 0;
        double area = 0;
        for (int c = 0; c < judged.length; c++) {
            int labelled = judged[c];
            int scored = judged[standIn[c]];
            BinaryScores judging = test.column(scored, labelled);
            double threshold = validation.column(scored, labelled).threshold();
            accuracy += judging.balancedAccuracy(threshold) / judged.length;
            area += judging.rocArea() / judged.length;
            concepts.add(names.get(labelled));
            standIns.add(names.get(scored));
            double correlation = phi[c][standIn[c]];
            if (Math.abs(correlation) >= MOST_PHI) {
                dependent.add(new Dependent(names.get(labelled), names.get(scored), correlation));
            }
        }
        return new ShuffledNames(seed, concepts, standIns, accuracy, area, dependent);
    }

    /**
     * Draws a permutation without fixed points that has as few dependent pairs as can be, and these as little dependent as can be.
     * Random costs far below that of one dependent pair choose among what is equally good.
     */
    static int[] standIns(double[][] phi, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ 0x7374616e64L);
        int size = phi.length;
        double[][] cost = new double[size][size];
        for (int c = 0; c < size; c++) {
            for (int other = 0; other < size; other++) {
                double dependence = Math.abs(phi[c][other]);
                cost[c][other] = 1e-3 / size * random.nextDouble() + (dependence < MOST_PHI ? 0 : 1 + dependence);
            }
            cost[c][c] = 4.0 * size; // more than all others together
        }
        return LeastCostMatching.columns(cost);
    }
}
