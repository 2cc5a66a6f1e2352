package dev.lapidary.concept.kernel;

/**
 * Sizes and rules of a {@link BottleneckStep}.
 *
 * <p>No {@link dev.lapidary.runtime.settings.Settings}: nobody chooses them, a method derives them from data and its own settings, which
 * enter the identity of a seed.
 *
 * @param batch B, most rows of a step
 * @param concepts M
 * @param classes K
 * @param bias whether the head has a bias per class
 * @param loss what the layer is charged beside the cross-entropy
 * @param layer rule for W [M, M]
 * @param head rule for H [K, M] and the bias
 * @param seed of the Gumbel noise
 */
public record BottleneckSettings(
        int batch,
        int concepts,
        int classes,
        boolean bias,
        BottleneckLoss loss,
        WeightUpdate layer,
        WeightUpdate head,
        long seed) {
    private static final int MOST = 1 << 15; // squared it stays an int

    /** Checks that batch and concepts are at least 1 and classes at least 2. */
    public BottleneckSettings {
        if (batch < 1 || concepts < 1 || classes < 2 || batch > MOST || concepts > MOST || classes > MOST) {
            throw new IllegalArgumentException("batch and concepts must be at least 1, classes at least 2, all at most "
                    + MOST + "; got " + batch + ", " + concepts + ", " + classes);
        }
    }
}
