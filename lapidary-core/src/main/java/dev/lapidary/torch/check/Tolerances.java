package dev.lapidary.torch.check;

import java.util.Arrays;

/**
 * What the roundings of a case can add up to.
 *
 * <p>A sum of n products, added in any order, is off by at most n roundings of the sum of their absolute values (Higham, Accuracy
 * and Stability of Numerical Algorithms, section 3.1). Where an operation is no sum of products, the largest number that goes in
 * or comes out stands for that sum, and {@link PlainOperation#roundings()} says how many roundings of it there can be.
 */
final class Tolerances {
    private static final int STORED = 2; // roundings of what is stored: of a product, and of what is added to it

    private final NumberType type;
    private final PlainOperation plain;
    private final double[][] inputs;
    private final double[][] weights;
    private double[][] outputSums = new double[0][];
    private double[][] gradientSums = new double[0][];

    Tolerances(NumberType type, PlainOperation plain, double[][] inputs, double[][] weights) {
        this.type = type;
        this.plain = plain;
        this.inputs = inputs;
        this.weights = weights;
        if (plain.sums()) {
            double[][] absolute = absolute(inputs);
            outputSums = plain.outputs(absolute);
            gradientSums = weights.length == 0 ? weights : plain.gradients(absolute, absolute(weights));
        }
    }

    double[] outputs(int output, double[] expected) {
        double scale = Math.max(largest(expected), largest(inputs));
        return of(expected.length, scale, plain.sums() ? outputSums[output] : new double[0]);
    }

    double[] gradients(int input, double[] expected) {
        double scale = Math.max(largest(expected), Math.max(largest(inputs), largest(weights)));
        return of(expected.length, scale, plain.sums() ? gradientSums[input] : new double[0]);
    }

    /** The tolerance of each number; without sums the scale stands for each. */
    private double[] of(int count, double scale, double[] sums) {
        double stored = STORED * type.rounding() * scale;
        double[] tolerances = new double[count];
        for (int i = 0; i < count; i++) {
            tolerances[i] = plain.roundings() * type.sumRounding() * (sums.length == 0 ? scale : sums[i]) + stored;
        }
        return tolerances;
    }

    private static double[][] absolute(double[][] values) {
        return Arrays.stream(values)
                .map(row -> Arrays.stream(row).map(Math::abs).toArray())
                .toArray(double[][]::new);
    }

    private static double largest(double[]... values) {
        return Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
    }
}
