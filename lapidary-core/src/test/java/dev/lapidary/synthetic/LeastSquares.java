package dev.lapidary.synthetic;

/** Ordinary least squares with an intercept, by Gauss's elimination: the oracle of the tests. */
final class LeastSquares {
    private LeastSquares() {}

    /** The intercept and the coefficient of each column [1 + columns]. */
    static double[] fit(double[][] x, double[] y) {
        int width = x[0].length + 1;
        double[][] normal = new double[width][width + 1];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < width; i++) {
                double a = i == 0 ? 1 : x[row][i - 1];
                for (int j = 0; j < width; j++) {
                    normal[i][j] += a * (j == 0 ? 1 : x[row][j - 1]);
                }
                normal[i][width] += a * y[row];
            }
        }
        for (int pivot = 0; pivot < width; pivot++) {
            for (int row = 0; row < width; row++) {
                double factor = row == pivot ? 0 : normal[row][pivot] / normal[pivot][pivot];
                for (int j = pivot; j <= width && factor != 0; j++) {
                    normal[row][j] -= factor * normal[pivot][j];
                }
            }
        }
        double[] coefficients = new double[width];
        for (int i = 0; i < width; i++) {
            coefficients[i] = normal[i][width] / normal[i][i];
        }
        return coefficients;
    }

    /** The share of the variance of y that the fit explains, on the same rows. */
    static double explained(double[][] x, double[] y) {
        double[] fit = fit(x, y);
        double[] predicted = new double[y.length];
        for (int row = 0; row < y.length; row++) {
            predicted[row] = fit[0];
            for (int j = 0; j < x[row].length; j++) {
                predicted[row] += fit[1 + j] * x[row][j];
            }
        }
        return explained(predicted, y);
    }

    /** 1 − mean square error over variance. */
    static double explained(double[] predicted, double[] y) {
        double mean = mean(y);
        double error = 0;
        double all = 0;
        for (int row = 0; row < y.length; row++) {
            error += (y[row] - predicted[row]) * (y[row] - predicted[row]);
            all += (y[row] - mean) * (y[row] - mean);
        }
        return 1 - error / all;
    }

    static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    static double correlation(double[] a, double[] b) {
        double meanA = mean(a);
        double meanB = mean(b);
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }

    static double[] column(double[][] x, int column) {
        double[] values = new double[x.length];
        for (int row = 0; row < x.length; row++) {
            values[row] = x[row][column];
        }
        return values;
    }

    static double[][] columns(double[][] x, int... columns) {
        double[][] some = new double[x.length][columns.length];
        for (int row = 0; row < x.length; row++) {
            for (int j = 0; j < columns.length; j++) {
                some[row][j] = x[row][columns[j]];
            }
        }
        return some;
    }
}
