package dev.lapidary.nn;

import dev.lapidary.kernel.CounterNoise;

/** Draws in float64 from counter-based noise. */
final class Draws {
    private Draws() {}

    /** A standard normal value within two deviations, a function of the noise and the index alone. */
    static double withinTwo(CounterNoise noise, long index) {
        for (long attempt = 0; ; attempt++) {
            double radius = Math.sqrt(-2 * StrictMath.log(noise.uniformAt(attempt, 2 * index)));
            double value = radius * StrictMath.cos(2 * Math.PI * noise.uniformAt(attempt, 2 * index + 1));
            if (Math.abs(value) <= 2) {
                return value;
            }
        }
    }

    /** Makes rows orthonormal, in their order, by Gram and Schmidt's method, twice so that rounding does no harm. */
    static double[][] orthonormal(double[] matrix, int rows) {
        int columns = matrix.length / rows;
        double[][] basis = new double[rows][columns];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(matrix, row * columns, basis[row], 0, columns);
            for (int other = 0; other < 2 * row; other++) {
                double[] done = basis[other % row];
                add(basis[row], done, -dot(basis[row], done));
            }
            double length = Math.sqrt(dot(basis[row], basis[row]));
            for (int column = 0; column < columns; column++) {
                basis[row][column] /= length;
            }
        }
        return basis;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] to, double[] what, double factor) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * what[i];
        }
    }
}
