package dev.lapidary.torch.check;

/** Gradients by central differences in float64. */
final class Differences {
    private static final double STEP = 1e-5; // errors of about 1e-10: truncation STEP², rounding 1e-16 / STEP

    private Differences() {}

    static double[][] gradients(PlainOperation operation, double[][] inputs, double[][] weights) {
        double[][] gradients = new double[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            double[] values = inputs[i];
            gradients[i] = new double[values.length];
            for (int j = 0; j < values.length; j++) {
                double value = values[j];
                values[j] = value + STEP;
                double above = weighted(operation.outputs(inputs), weights);
                values[j] = value - STEP;
                double below = weighted(operation.outputs(inputs), weights);
                values[j] = value;
                gradients[i][j] = (above - below) / (2 * STEP);
            }
        }
        return gradients;
    }

    private static double weighted(double[][] outputs, double[][] weights) {
        double sum = 0;
        for (int o = 0; o < weights.length; o++) {
            for (int i = 0; i < weights[o].length; i++) {
                sum += outputs[o][i] * weights[o][i];
            }
        }
        return sum;
    }
}
