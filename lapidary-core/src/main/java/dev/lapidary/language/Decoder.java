package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The forward calculation of one architecture over weights, which it reads at every call. */
sealed interface Decoder permits LlamaDecoder, Gpt2Decoder {
    /** Tokens [batch, length] whose first stands at a position, to [batch, length, width]. */
    Tensor embed(Tensor tokens, long start);

    /** One block, x [batch, length, width] to the same shape; a cache holds the positions before x. */
    Tensor block(int index, Tensor x, @Nullable KeyValueCache cache, @Nullable LinearInputs observer);

    /** The last norm. */
    Tensor finish(Tensor x);

    /** Frees what the calculation keeps in addition to the weights. */
    void close();

    static Decoder of(ModelConfig config, Weights weights) {
        return config.family().llamaLike() ? new LlamaDecoder(config, weights) : new Gpt2Decoder(config, weights);
    }
}
