package dev.lapidary.sparsity;

/** SparseGPT within one block of columns, row after row. */
@SuppressWarnings("ArrayRecordComponent") // filled here, never compared
record BlockElimination(GroupChoice choice, byte[] codes, int firstRow, int columns) {

    /**
     * Removes, updates to the right within the block, and notes codes and errors.
     *
     * @param w weights [rows, width], changed
     * @param errors e of every weight, 0 where kept, [rows, width], written
     * @param u the block's square of U, [width, width]
     * @param from the block's first column in the layer
     * @return ½Σe²
     */
    double run(double[] w, double[] errors, double[] u, int from, int width) {
        int m = choice.pattern().of();
        double[] scores = new double[m];
        double loss = 0;
        for (int row = 0; row * width < w.length; row++) {
            for (int j = 0; j < width; j += m) {
                int positions = choose(w, row * width + j, u, j * width + j, width + 1, scores);
                codes[((firstRow + row) * columns + from + j) / m] = choice.code(positions);
                loss += removeGroup(positions, w, errors, u, row * width, j, width);
            }
        }
        return loss;
    }

    private int choose(double[] w, int at, double[] u, int diagonal, int stride, double[] scores) {
        for (int k = 0; k < scores.length; k++) {
            double e = w[at + k] / u[diagonal + k * stride];
            scores[k] = e * e;
        }
        return choice.largest(scores, 0);
    }

    private double removeGroup(int positions, double[] w, double[] errors, double[] u, int row, int j, int width) {
        double loss = 0;
        for (int k = j; k < j + choice.pattern().of(); k++) {
            if ((positions >> (k - j) & 1) == 0) {
                double e = w[row + k] / u[k * width + k];
                errors[row + k] = e;
                w[row + k] = 0;
                subtract(w, row + k + 1, e, u, k * width + k + 1, width - k - 1);
                loss += e * e / 2;
            }
        }
        return loss;
    }

    private static void subtract(double[] w, int at, double e, double[] u, int from, int count) {
        for (int i = 0; i < count; i++) {
            w[at + i] -= e * u[from + i];
        }
    }
}
