package dev.lapidary.torch.check;

/** The formula of an operation as plain loops in float64, which judges the native one. */
interface PlainOperation {
    /** Computes every output, row-major, from every operand, row-major. */
    double[][] outputs(double[][] inputs);

    /**
     * How many roundings, each of the largest number that goes in or comes out, an output or a gradient can be off: the length of
     * the longest sum and what the functions in it add.
     */
    double roundings();

    /** Whether outputs are sums of products of the operands, so that the same sums over absolute values bound the error. */
    default boolean sums() {
        return false;
    }

    /** How many of the outputs, the first ones, are differentiated. */
    default int differentiated() {
        return 1;
    }

    /**
     * Computes the gradient of the sum of all outputs times their weights, for every operand whose gradient is asked for. Unless
     * overridden: by central differences, whose error in float64 is far below one rounding of float32.
     */
    default double[][] gradients(double[][] inputs, double[][] weights) {
        return Differences.gradients(this, inputs, weights);
    }
}
