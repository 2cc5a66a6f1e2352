package dev.lapidary.concept.calibration;

import java.util.Random;
import java.util.stream.IntStream;

/**
 * Items whose true class is drawn from the softmax of known scores, of which a classifier tells a multiple: its probabilities are right
 * at a temperature of that factor.
 */
record PlantedScores(double[][] told, int[] labels) {
    private static final int CLASSES = 5;

    static PlantedScores draw(int items, double factor, Random random) {
        double[][] told = new double[items][CLASSES];
        int[] labels = new int[items];
        for (int i = 0; i < items; i++) {
            double[] scores = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
                scores[k] = 2 * random.nextGaussian();
                told[i][k] = factor * scores[k];
            }
            labels[i] = drawn(Temperature.softmax(scores), random.nextDouble());
        }
        return new PlantedScores(told, labels);
    }

    private static int drawn(double[] shares, double at) {
        int k = 0;
        double sum = shares[0];
        while (sum < at && k < shares.length - 1) {
            sum += shares[++k];
        }
        return k;
    }

    Calibration.Items items(String from) {
        return new Calibration.Items(
                from,
                told,
                labels,
                IntStream.range(0, labels.length).mapToObj(i -> from + i).toList());
    }
}
