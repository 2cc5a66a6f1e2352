package dev.lapidary.count;

/**
 * What a layer, or a net as the sum of its layers, costs.
 *
 * <p>Multiply-adds are those of products with weights and of attention; additions of a bias, activations, softmax and the mean and
 * deviation of a norm are not counted. One multiply-add is two floating point operations. Factories count float32 weights, 4 bytes each,
 * and one input row, if they do not say more: {@link #over} gives the multiply-adds of several rows, {@link #withBytes} the bytes of
 * another format.
 *
 * @param parameters trained numbers
 * @param bytes what storing them takes, with all indices, scales and tables
 * @param multiplyAdds of one pass forward
 */
public record Cost(long parameters, long bytes, long multiplyAdds) {
    /** The cost of nothing. */
    public static final Cost NONE = new Cost(0, 0, 0);

    /** Checks the counts. */
    public Cost {
        if (parameters < 0 || bytes < 0 || multiplyAdds < 0) {
            throw new IllegalArgumentException("counts must be at least 0; got parameters=" + parameters + ", bytes="
                    + bytes + ", multiplyAdds=" + multiplyAdds);
        }
    }

    private static Cost ofFloats(long parameters, long multiplyAdds) {
        return new Cost(parameters, Math.multiplyExact(Float.BYTES, parameters), multiplyAdds);
    }

    private static long product(long... factors) {
        long product = 1;
        for (long factor : factors) {
            if (factor < 0) {
                throw new IllegalArgumentException("sizes must be at least 0; got " + factor);
            }
            product = Math.multiplyExact(product, factor);
        }
        return product;
    }

    /** Returns the cost of a linear layer [in] to [out] for one row. */
    public static Cost linear(long in, long out, boolean bias) {
        long weights = product(in, out);
        return ofFloats(Math.addExact(weights, bias ? out : 0), weights);
    }

    /**
     * Returns the cost of a convolution for one image or sequence.
     *
     * @param in channels that each output reads: all, or those of a group, so 1 where it is depthwise
     * @param out channels
     * @param kernel positions of the kernel, 9 for 3 x 3
     * @param positions of the output map, such as height times width
     */
    public static Cost convolution(long in, long out, long kernel, long positions, boolean bias) {
        long weights = product(in, out, kernel);
        return ofFloats(Math.addExact(weights, bias ? out : 0), product(weights, positions));
    }

    /** Returns the cost of a table of embeddings [rows, width], which is looked up and multiplies nothing. */
    public static Cost embedding(long rows, long width) {
        return ofFloats(product(rows, width), 0);
    }

    /** Returns the cost of a norm of one row: a scale for each of its numbers, and a shift (layer and batch norm) or none (RMS norm). */
    public static Cost norm(long width, boolean shift) {
        return ofFloats(product(width, shift ? 2 : 1), width);
    }

    /**
     * Returns the cost of the products of attention alone, queries with keys and weights with values, which have no parameters.
     *
     * @param pairs of a query and a key that it sees: t² for t tokens, t·(t + 1)/2 where it is causal
     * @param width of all heads together
     */
    public static Cost attention(long pairs, long width) {
        return new Cost(0, 0, product(2, pairs, width));
    }

    /**
     * Returns the cost of self-attention without biases for a sequence: projections to queries, keys, values and output, and {@link
     * #attention}.
     *
     * @param width of the rows, and of all query heads together
     * @param keyWidth of all key heads together, less than width where several query heads share one
     * @param tokens of the sequence
     * @param causal whether a token sees only itself and earlier ones
     */
    public static Cost selfAttention(long width, long keyWidth, long tokens, boolean causal) {
        Cost outer = linear(width, width, false).times(2);
        Cost inner = linear(width, keyWidth, false).times(2);
        long pairs = causal ? product(tokens, tokens + 1) / 2 : product(tokens, tokens);
        return outer.plus(inner).over(tokens).plus(attention(pairs, width));
    }

    /** Adds another cost. */
    public Cost plus(Cost other) {
        return new Cost(
                Math.addExact(parameters, other.parameters),
                Math.addExact(bytes, other.bytes),
                Math.addExact(multiplyAdds, other.multiplyAdds));
    }

    /** Returns the cost of several layers like this, each with weights of its own. */
    public Cost times(long layers) {
        return new Cost(product(parameters, layers), product(bytes, layers), product(multiplyAdds, layers));
    }

    /** Returns the cost of several rows that pass through the same weights. */
    public Cost over(long rows) {
        return new Cost(parameters, bytes, product(multiplyAdds, rows));
    }

    /** Returns the same with other bytes, those of the format in which the weights are stored. */
    public Cost withBytes(long bytes) {
        return new Cost(parameters, bytes, multiplyAdds);
    }
}
