package dev.lapidary.concept.classifier;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.data.DatasetColumns;
import dev.lapidary.data.DuplicateReport;
import dev.lapidary.data.SplitRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Classifiers made by hand, for tests that need no training and no encoder. */
public final class HandMade {
    private HandMade() {}

    /** A scorer whose scores are the items' own coordinates: embeddings must have the given length. */
    public static ConceptScorer ofCoordinates(double[][] weights, double[] bias, double length) {
        int m = weights[0].length;
        double[] scale = new double[m];
        Arrays.fill(scale, length);
        return new ConceptScorer(
                identity(m), new Standardisation(new double[m], scale), null, new NamedMap(weights, bias), m);
    }

    /** The same with gates of the given slopes [M] and offsets [M]. */
    public static ConceptScorer gated(
            double[][] weights, double[] bias, double length, double[] slope, double[] offset) {
        int m = weights[0].length;
        double[] scale = new double[m];
        Arrays.fill(scale, length);
        return new ConceptScorer(
                identity(m),
                new Standardisation(new double[m], scale),
                new ConceptGates(slope, offset),
                new NamedMap(weights, bias),
                m);
    }

    /** A scorer over vectors [M, d] with scores (cosine − mean)·scale. */
    public static ConceptScorer of(
            float[][] vectors, double[] mean, double[] scale, double[][] weights, double[] bias) {
        return new ConceptScorer(
                vectors, new Standardisation(mean, scale), null, new NamedMap(weights, bias), vectors[0].length);
    }

    /** A random scorer with the scores of {@link #ofCoordinates}, weights with some zeros. */
    public static ConceptScorer random(int classes, int concepts, boolean gates, Random random) {
        double[][] weights = new double[classes][concepts];
        double[] bias = new double[classes];
        double[] slope = new double[concepts];
        double[] offset = new double[concepts];
        for (int k = 0; k < classes; k++) {
            bias[k] = 0.3 * random.nextGaussian();
            for (int m = 0; m < concepts; m++) {
                weights[k][m] = random.nextInt(4) == 0 ? 0 : random.nextGaussian();
            }
        }
        for (int m = 0; m < concepts; m++) {
            slope[m] = 2 * random.nextGaussian();
            offset[m] = random.nextGaussian();
        }
        return gates ? gated(weights, bias, 2, slope, offset) : ofCoordinates(weights, bias, 2);
    }

    /** A classifier of one seed with this scorer; report and split say what they must. */
    public static ConceptClassifier classifier(
            ClassScorer scorer,
            List<String> classes,
            List<String> concepts,
            float[][] vectors,
            Map<String, Double> baselines,
            Map<String, List<Double>> intervals) {
        var detail = new Report.SeedReport(
                7, 0.8, 0.8, 2, 0.8, 2, List.of(), baselines, Map.of(), Map.of(), Map.of(), List.of());
        var report = new Report(
                "sparse",
                false,
                0.8,
                0.8,
                2,
                concepts.size(),
                classes.size(),
                10,
                1,
                List.of(0.8),
                baselines,
                intervals,
                0,
                0.5,
                List.of(detail),
                List.of());
        var identity = new ConceptClassifier.Identity(
                classes,
                new ConceptSet(
                        concepts.stream().map(c -> new Concept(c, "test")).toList()),
                ConceptClassifier.EncoderInfo.unknown(vectors[0].length),
                DatasetColumns.NONE,
                ConceptConfig.defaults(),
                "digest",
                Map.of("java", "25"));
        return new ConceptClassifier(
                identity,
                new ConceptLedger(),
                vectors,
                List.of(new ConceptClassifier.SeedModel(7, scorer, new TreeMap<>())),
                List.of(split(List.of(), List.of(), List.of())),
                report);
    }

    /** A split with these ids. */
    public static SplitRecord split(List<String> train, List<String> validation, List<String> test) {
        return new SplitRecord(
                7, "digest", part(train), part(validation), part(test), new DuplicateReport(0, 0, 0, List.of()));
    }

    private static SplitRecord.Part part(List<String> ids) {
        return new SplitRecord.Part(ids.size(), "", ids);
    }

    /** The scaled embedding, which a cosine with a coordinate axis and a scale of that length bring back. */
    public static float[] withLength(double[] direction, double length) {
        double norm = Math.sqrt(Arrays.stream(direction).map(x -> x * x).sum());
        float[] out = new float[direction.length];
        for (int j = 0; j < out.length; j++) {
            out[j] = (float) (direction[j] * length / norm);
        }
        return out;
    }

    private static float[][] identity(int m) {
        float[][] rows = new float[m][m];
        for (int j = 0; j < m; j++) {
            rows[j][j] = 1;
        }
        return rows;
    }
}
