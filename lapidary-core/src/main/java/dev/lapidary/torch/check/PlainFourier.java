package dev.lapidary.torch.check;

import java.util.function.Function;

/**
 * The discrete Fourier transform by its formula, X(k) = Σ x(j)·exp(−2πi·jk/n), of rows [rows, length, 2] of real and imaginary
 * parts.
 */
record PlainFourier(int length, Function<double[][], double[]> formula) implements PlainOperation {
    PlainFourier(int length) {
        this(length, inputs -> transformed(inputs[0], length, -1));
    }

    PlainFourier with(Function<double[][], double[]> other) {
        return new PlainFourier(length, other);
    }

    /** The transform of real rows [rows, length] → [rows, length, 2]. */
    double[] complexOf(double[] real) {
        double[] complex = new double[2 * real.length];
        for (int i = 0; i < real.length; i++) {
            complex[2 * i] = real[i];
        }
        return transformed(complex, length, -1);
    }

    /** The numbers 0 to length / 2 of each row. */
    double[] half(double[] complex) {
        int rows = complex.length / (2 * length);
        int kept = 2 * (length / 2 + 1);
        double[] half = new double[rows * kept];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(complex, row * 2 * length, half, row * kept, kept);
        }
        return half;
    }

    /** Real rows whose transform begins with these halves; imaginary parts that such rows cannot have do not count. */
    double[] back(double[] half) {
        int kept = length / 2 + 1;
        int rows = half.length / (2 * kept);
        double[] complex = new double[rows * 2 * length];
        for (int i = 0; i < rows * length; i++) {
            int k = i % length;
            boolean given = k < kept;
            int from = 2 * (i / length * kept + (given ? k : length - k));
            complex[2 * i] = half[from];
            complex[2 * i + 1] = 2 * k % length == 0 ? 0 : given ? half[from + 1] : -half[from + 1];
        }
        double[] all = transformed(complex, length, 1);
        double[] real = new double[rows * length];
        for (int i = 0; i < real.length; i++) {
            real[i] = all[2 * i] / length;
        }
        return real;
    }

    private static double[] transformed(double[] x, int n, int sign) {
        double[] cosine = new double[n];
        double[] sine = new double[n];
        for (int i = 0; i < n; i++) {
            cosine[i] = Math.cos(2 * Math.PI * i / n);
            sine[i] = sign * Math.sin(2 * Math.PI * i / n);
        }
        double[] result = new double[x.length];
        for (int i = 0; i < x.length / 2; i++) {
            int start = i / n * n;
            int k = i % n;
            for (int j = 0; j < n; j++) {
                double re = x[2 * (start + j)];
                double im = x[2 * (start + j) + 1];
                int turn = j * k % n;
                result[2 * i] += re * cosine[turn] - im * sine[turn];
                result[2 * i + 1] += re * sine[turn] + im * cosine[turn];
            }
        }
        return result;
    }

    @Override
    public double[][] outputs(double[][] inputs) {
        return new double[][] {formula.apply(inputs)};
    }

    @Override
    public int differentiated() {
        return 0;
    }

    /**
     * Eight roundings at each of the log₂ levels of a fast transform, of the norm of a row, which is at most √n of its largest number
     * (Higham, section 24.1); prime lengths go through transforms of up to 4n.
     */
    @Override
    public double roundings() {
        return 8 * (3 + Math.log(length) / Math.log(2)) * Math.sqrt(length);
    }
}
