package dev.lapidary.torch.check;

/**
 * Scaled dot product attention: of each query over the keys, softmax(q·k/√width + mask), times the values.
 *
 * <p>Queries [texts, queries, heads, width], keys and values [texts, keys, keyHeads, width], where consecutive heads share those of
 * one key head, and, in a mask, [queries, keys] → [texts, queries, heads, width].
 *
 * @param causal whether the query at position i sees the keys at 0 to i alone
 */
record PlainAttention(int texts, int queries, int keys, int heads, int keyHeads, int width, boolean causal)
        implements PlainOperation {
    @Override
    public double[][] outputs(double[][] inputs) {
        double[] outputs = new double[inputs[0].length];
        for (int row = 0; row < texts * queries * heads; row++) {
            double[] p = probabilities(inputs, row);
            for (int key = 0; key < keys; key++) {
                int at = keyRow(row, key) * width;
                for (int i = 0; i < width; i++) {
                    outputs[row * width + i] += p[key] * inputs[2][at + i];
                }
            }
        }
        return new double[][] {outputs};
    }

    @Override
    public double[][] gradients(double[][] inputs, double[][] weights) {
        double[][] gradients = {new double[inputs[0].length], new double[inputs[1].length], new double[inputs[2].length]
        };
        for (int row = 0; row < texts * queries * heads; row++) {
            addGradients(inputs, weights[0], row, gradients);
        }
        return gradients;
    }

    /** What one query of one head adds: for P = softmax(S) the gradient of S is P·(gradient of P − the mean of it under P). */
    private void addGradients(double[][] inputs, double[] weights, int row, double[][] gradients) {
        double[] p = probabilities(inputs, row);
        double[] forP = new double[keys];
        double mean = 0;
        for (int key = 0; key < keys; key++) {
            forP[key] = dot(weights, row, inputs[2], keyRow(row, key));
            mean += p[key] * forP[key];
        }
        for (int key = 0; key < keys; key++) {
            int at = keyRow(row, key) * width;
            double forScore = p[key] * (forP[key] - mean) / Math.sqrt(width);
            for (int i = 0; i < width; i++) {
                gradients[0][row * width + i] += forScore * inputs[1][at + i];
                gradients[1][at + i] += forScore * inputs[0][row * width + i];
                gradients[2][at + i] += p[key] * weights[row * width + i];
            }
        }
    }

    private double[] probabilities(double[][] inputs, int row) {
        int query = row / heads % queries;
        double[] p = new double[keys];
        double sum = 0;
        for (int key = 0; key < (causal ? Math.min(keys, query + 1) : keys); key++) {
            double score = dot(inputs[0], row, inputs[1], keyRow(row, key)) / Math.sqrt(width);
            p[key] = Math.exp(inputs.length > 3 ? score + inputs[3][query * keys + key] : score);
            sum += p[key];
        }
        for (int key = 0; key < keys; key++) {
            p[key] /= sum;
        }
        return p;
    }

    /** The row among keys and values that a query's head looks at. */
    private int keyRow(int row, int key) {
        int text = row / heads / queries;
        int head = row % heads / (heads / keyHeads);
        return (text * keys + key) * keyHeads + head;
    }

    private double dot(double[] a, int rowA, double[] b, int rowB) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
            sum += a[rowA * width + i] * b[rowB * width + i];
        }
        return sum;
    }

    /** Sums over the width and over the keys (for keys and values: the queries), twice backward, and exp to 20 roundings. */
    @Override
    public double roundings() {
        return 4 * (width + Math.max(queries, keys)) + 64;
    }
}
