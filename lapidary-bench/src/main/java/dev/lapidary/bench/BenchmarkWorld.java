package dev.lapidary.bench;

import dev.lapidary.data.EmbeddingMatrix;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Embeddings in the likeness of a CLIP's, with concepts that truly make the classes: 8 classes, 40 concepts, width 32.
 *
 * <p>Class k owns concepts (5k + j) mod 40, j = 0 to 6. An image is the sum of its class's concepts, each kept with probability
 * 0.75, plus the modality's own direction (length 2), a direction that all share (3) and noise of length 2.2; texts are their
 * concepts plus another modality direction (0.8) and the shared one (2). All are brought to length 1.
 */
final class BenchmarkWorld {
    static final int CLASSES = 8;
    static final int CONCEPTS = 40;
    static final int WIDTH = 32;
    private static final int OWNED = 7;
    private static final int STRIDE = 5;
    private static final double KEPT = 0.75;
    private static final int PER_CLASS = 40;

    /** Items [n, d] of length 1 with their labels. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    record Items(float[][] embeddings, int[] labels) {
        EmbeddingMatrix matrix() {
            return EmbeddingMatrix.of(embeddings);
        }
    }

    private final RandomGenerator random;
    private final double[][] concepts = new double[CONCEPTS][]; // directions t [M, d]
    private final double[] shared;
    private final double[] imageGap;
    private final double[] textGap;
    private final Items train;
    private final Items test;
    private final float[][] conceptTexts = new float[CONCEPTS][];
    private final float[][] classTexts = new float[CLASSES][];
    private final float[][] randomDirections = new float[CONCEPTS][];

    BenchmarkWorld(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int m = 0; m < CONCEPTS; m++) {
            concepts[m] = direction(1);
        }
        shared = direction(1);
        imageGap = direction(2);
        textGap = direction(0.8);
        train = items();
        test = items();
        texts();
        for (int m = 0; m < CONCEPTS; m++) {
            randomDirections[m] = unit(direction(1));
        }
    }

    Items train() {
        return train;
    }

    Items test() {
        return test;
    }

    float[][] conceptTexts() {
        return conceptTexts;
    }

    float[][] classTexts() {
        return classTexts;
    }

    float[][] randomDirections() {
        return randomDirections;
    }

    private Items items() {
        float[][] embeddings = new float[CLASSES * PER_CLASS][];
        int[] labels = new int[embeddings.length];
        for (int i = 0; i < embeddings.length; i++) {
            labels[i] = i % CLASSES;
            double[] e = gaussian(2.2 / Math.sqrt(WIDTH));
            for (int j = 0; j < OWNED; j++) {
                if (random.nextDouble() < KEPT) {
                    add(e, concepts[owned(labels[i], j)], 1);
                }
            }
            add(e, imageGap, 1);
            add(e, shared, 3);
            embeddings[i] = unit(e);
        }
        return new Items(embeddings, labels);
    }

    private void texts() {
        for (int m = 0; m < CONCEPTS; m++) {
            double[] t = concepts[m].clone();
            add(t, textGap, 1);
            add(t, shared, 2);
            conceptTexts[m] = unit(t);
        }
        for (int k = 0; k < CLASSES; k++) {
            double[] t = gaussian(0.9 / Math.sqrt(WIDTH));
            for (int j = 0; j < OWNED; j++) {
                add(t, concepts[owned(k, j)], 2.0 / OWNED);
            }
            add(t, textGap, 1);
            add(t, shared, 2);
            classTexts[k] = unit(t);
        }
    }

    private static int owned(int classIndex, int j) {
        return (STRIDE * classIndex + j) % CONCEPTS;
    }

    private double[] gaussian(double deviation) {
        double[] values = new double[WIDTH];
        for (int j = 0; j < WIDTH; j++) {
            values[j] = deviation * random.nextGaussian();
        }
        return values;
    }

    private double[] direction(double length) {
        double[] values = gaussian(1);
        double norm = norm(values);
        for (int j = 0; j < WIDTH; j++) {
            values[j] *= length / norm;
        }
        return values;
    }

    private static double norm(double[] values) {
        double squares = 0;
        for (double v : values) {
            squares += v * v;
        }
        return Math.sqrt(squares);
    }

    private static void add(double[] to, double[] what, double times) {
        for (int j = 0; j < to.length; j++) {
            to[j] += times * what[j];
        }
    }

    private static float[] unit(double[] values) {
        double norm = norm(values);
        float[] unit = new float[values.length];
        for (int j = 0; j < unit.length; j++) {
            unit[j] = (float) (values[j] / norm);
        }
        return unit;
    }
}
