package dev.lapidary.torch.check;

import java.util.Arrays;

/** A matrix in float64, row-major. */
@SuppressWarnings("ArrayRecordComponent") // read only
record Matrix(int rows, int columns, double[] values) {
    Matrix {
        if (values.length != rows * columns) {
            throw new IllegalArgumentException(
                    "a matrix must have " + rows + " x " + columns + " numbers; got " + values.length);
        }
    }

    static Matrix identity(int size) {
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return diagonal(ones);
    }

    static Matrix diagonal(double[] values) {
        int size = values.length;
        double[] matrix = new double[size * size];
        for (int i = 0; i < size; i++) {
            matrix[i * size + i] = values[i];
        }
        return new Matrix(size, size, matrix);
    }

    double at(int row, int column) {
        return values[row * columns + column];
    }

    Matrix times(Matrix other) {
        double[] product =
                new PlainProduct(1, rows, columns, other.columns).outputs(new double[][] {values, other.values})[0];
        return new Matrix(rows, other.columns, product);
    }

    Matrix transposed() {
        double[] turned = new double[values.length];
        for (int i = 0; i < turned.length; i++) {
            turned[i % columns * rows + i / columns] = values[i];
        }
        return new Matrix(columns, rows, turned);
    }

    Matrix minus(Matrix other) {
        double[] difference = values.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= other.values[i];
        }
        return new Matrix(rows, columns, difference);
    }

    double trace() {
        double sum = 0;
        for (int i = 0; i < rows; i++) {
            sum += at(i, i);
        }
        return sum;
    }

    /** The root of the sum of squares, NaN where a number is. */
    double norm() {
        return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
    }
}
