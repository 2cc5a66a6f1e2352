package dev.lapidary.concept.classifier;

import java.util.Arrays;

/**
 * What makes cosines comparable: s = (cosine − mean)·scale, with mean and deviation of the training items.
 *
 * @param mean [M], of the cosines
 * @param scale [M], 1/deviation (n − 1 in its denominator), or 0 where the score never varies
 */
@SuppressWarnings("ArrayRecordComponent") // handed from fitting to the scorer that keeps it; never compared
public record Standardisation(double[] mean, double[] scale) {
    /** A deviation below this counts as none: cosines are in [-1, 1] and float32. */
    public static final double LEAST_DEVIATION = 1e-6;

    /** Copies the arrays. */
    public Standardisation {
        mean = mean.clone();
        scale = scale.clone();
    }

    /** The published code's scores: 100·cos, neither centred nor scaled. */
    public static Standardisation published(int concepts) {
        double[] scale = new double[concepts];
        Arrays.fill(scale, 100);
        return new Standardisation(new double[concepts], scale);
    }

    /** Number of scores that vary. */
    public int varying() {
        int n = 0;
        for (double s : scale) {
            n += s != 0 ? 1 : 0;
        }
        return n;
    }
}
