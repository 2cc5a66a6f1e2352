package dev.lapidary.metric;

import java.util.Arrays;

/** Judges predicted numbers by true ones, both [n], in the unit of the numbers. */
public final class Regression {
    private Regression() {}

    /** Returns the root of the mean squared error. */
    public static double rootMeanSquare(double[] truth, double[] predicted) {
        require(truth, predicted);
        return Math.sqrt(squares(truth, predicted) / truth.length);
    }

    /** Returns the mean absolute error. */
    public static double meanAbsolute(double[] truth, double[] predicted) {
        require(truth, predicted);
        double sum = 0;
        for (int i = 0; i < truth.length; i++) {
            sum += Math.abs(predicted[i] - truth[i]);
        }
        return sum / truth.length;
    }

    /**
     * Returns R², 1 − Σ(error²)/Σ(deviation of the truth from its mean)²: 1 for perfect predictions, 0 for the mean of the truth, below 0
     * for worse; NaN where the truth is constant.
     */
    public static double rSquared(double[] truth, double[] predicted) {
        require(truth, predicted);
        if (Arrays.stream(truth).allMatch(value -> value == truth[0])) {
            return Double.NaN;
        }
        double mean = Arrays.stream(truth).sum() / truth.length;
        double spread = Arrays.stream(truth).map(t -> (t - mean) * (t - mean)).sum();
        return 1 - squares(truth, predicted) / spread;
    }

    private static double squares(double[] truth, double[] predicted) {
        double sum = 0;
        for (int i = 0; i < truth.length; i++) {
            sum += (predicted[i] - truth[i]) * (predicted[i] - truth[i]);
        }
        return sum;
    }

    private static void require(double[] truth, double[] predicted) {
        Sizes.requireSame("truth", truth.length, "predicted", predicted.length);
        Sizes.requireFinite("truth", truth);
        Sizes.requireFinite("predicted", predicted);
    }
}
