package dev.lapidary.torch.check;

/** Products of matrices by the formula: [batch, rows, inner] · [batch, inner, columns] → [batch, rows, columns]. */
record PlainProduct(int batch, int rows, int inner, int columns) implements PlainOperation {
    @Override
    public double[][] outputs(double[][] inputs) {
        return new double[][] {product(inputs[0], inputs[1])};
    }

    @Override
    public double[][] gradients(double[][] inputs, double[][] weights) {
        PlainProduct left = new PlainProduct(batch, rows, columns, inner);
        PlainProduct right = new PlainProduct(batch, inner, rows, columns);
        return new double[][] {
            left.product(weights[0], transposed(inputs[1], inner, columns)),
            right.product(transposed(inputs[0], rows, inner), weights[0])
        };
    }

    @Override
    public double roundings() {
        return Math.max(inner, Math.max(rows, columns));
    }

    @Override
    public boolean sums() {
        return true;
    }

    private double[] product(double[] a, double[] b) {
        double[] c = new double[batch * rows * columns];
        for (int row = 0; row < batch * rows; row++) {
            int matrix = row / rows * inner;
            for (int i = 0; i < inner; i++) {
                double factor = a[row * inner + i];
                for (int column = 0; column < columns; column++) {
                    c[row * columns + column] += factor * b[(matrix + i) * columns + column];
                }
            }
        }
        return c;
    }

    /** Each matrix [height, width] of the batch → [width, height]. */
    private double[] transposed(double[] matrices, int height, int width) {
        double[] turned = new double[matrices.length];
        for (int m = 0; m < batch; m++) {
            int start = m * height * width;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    turned[start + column * height + row] = matrices[start + row * width + column];
                }
            }
        }
        return turned;
    }
}
