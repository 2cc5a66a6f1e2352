package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.ActivationKernel;
import dev.lapidary.runtime.kernel.CachedAttention;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.WeightMatrix;

/** The forward calculation of one architecture over frozen weights; holds nothing of a text. */
sealed interface DecoderBlocks permits LlamaBlocks, Gpt2Blocks {
    /** Writes the first rows of x: the embeddings of tokens from one on, the first of which stands at position start. */
    void embed(int[] tokens, int from, Scratch scratch, int start, int rows);

    /** Applies a block to x, the first rows of the scratch, whose first stands at position start. */
    void apply(int layer, Scratch scratch, CachedAttention attention, int start, int rows);

    /** Applies the last norm to the rows of x from one on, into h. */
    void finish(Scratch scratch, int firstRow, int rows);

    /** The output layer [vocabulary, width]. */
    WeightMatrix output();

    static DecoderBlocks of(ModelConfig config, WeightBinder binder, MatrixProducts products, RotaryTable rotary) {
        return config.family().llamaLike()
                ? new LlamaBlocks(config, binder, products, rotary)
                : new Gpt2Blocks(config, binder, products);
    }

    static WeightMatrix output(ModelConfig config, WeightBinder binder) {
        return binder.matrix(config.tiedEmbeddings() ? ParameterLayout.embedding(config) : "lm_head.weight");
    }

    static ActivationKernel kernel(Activation activation) {
        return switch (activation) {
            case SILU -> ActivationKernel.SILU;
            case GELU -> ActivationKernel.GELU;
            case GELU_TANH -> ActivationKernel.GELU_TANH;
            case RELU -> ActivationKernel.RELU;
        };
    }
}
