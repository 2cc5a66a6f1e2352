package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.WeightMatrix;

/**
 * Where a decoder's weights come from, by their Hugging Face names as {@link ParameterLayout} lists them. Matrices stay valid until
 * it is closed.
 */
public interface DecoderWeights extends AutoCloseable {
    /** Returns a linear weight [out, in], the embedding [vocabulary, width] or GPT-2's positions [context, width]. */
    WeightMatrix matrix(String name);

    /** Returns a norm's weight or a bias. */
    float[] vector(String name);

    /**
     * Compares a matrix's checksum, where it has one that was not compared yet; called before the matrix is first used.
     *
     * @throws dev.lapidary.runtime.InputException where it differs
     */
    default void verify(String name) {}

    /**
     * Checks that the weights can still be read, where they lie in a file; called before each use of a model.
     *
     * @throws dev.lapidary.runtime.InputException where the file was shortened
     */
    default void requireWhole() {}

    /** Frees or unmaps the weights. */
    @Override
    void close();
}
