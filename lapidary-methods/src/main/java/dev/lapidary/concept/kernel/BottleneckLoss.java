package dev.lapidary.concept.kernel;

/**
 * What a bottleneck layer is charged beside the cross-entropy: the published losses of Sparse-CBM.
 *
 * <p>With c [B, M] the layer's output, S [B, M] its input and W [M, M] its weights.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public sealed interface BottleneckLoss {
    /** Nothing: plain joint cross-entropy. */
    record None() implements BottleneckLoss {}

    /** lambda / M times the sum of |W|, by its plain subgradient (0 at 0): the published form, which leaves no exact zero. */
    record L1(double lambda) implements BottleneckLoss {
        /** Checks that lambda is finite and at least 0. */
        public L1 {
            if (!(lambda >= 0 && lambda < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("lambda must be finite and at least 0; got " + lambda);
            }
        }
    }

    /**
     * Half the sum over both axes of −mean_i log softmax(c)_ii, i below min(B, M): item i of the batch is taken as the
     * positive of concept i of the list, as published, however arbitrary that is.
     */
    record Contrastive() implements BottleneckLoss {}

    /**
     * Half the sum over both axes of −mean of ln y over all entries, y = softmax((c + g) / temperature) with standard Gumbel
     * noise g drawn for each axis. As published; it is cross-entropy from the uniform distribution and smooths rather than
     * sparsifies.
     */
    record Gumbel(double temperature) implements BottleneckLoss {
        /** Checks that the temperature is finite and above 0. */
        public Gumbel {
            if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("temperature must be finite and above 0; got " + temperature);
            }
        }
    }

    /**
     * −mean over concepts of cos(S_m, c_m), columns centred over the batch and cubed where asked; a constant column counts
     * as cosine 0.
     */
    record Similarity(boolean cubed) implements BottleneckLoss {}
}
