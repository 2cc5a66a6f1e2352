package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;

/**
 * What an encoder made of some texts.
 *
 * @param embeddings [n, d], row i belongs to text i; {@link #close} frees it
 * @param truncated number of texts of which the encoder saw only the beginning
 * @param tokens tokens over all texts after truncation, special tokens included
 */
public record EncodedTexts(EmbeddingMatrix embeddings, int truncated, long tokens) implements AutoCloseable {
    /** Frees the embeddings. */
    @Override
    public void close() {
        embeddings.close();
    }
}
