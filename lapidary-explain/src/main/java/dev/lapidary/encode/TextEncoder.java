package dev.lapidary.encode;

import dev.lapidary.runtime.Progress;
import java.util.List;

/**
 * Turns texts into embeddings, [n, d] float32.
 *
 * <p>On one machine the same text gets the same embedding bit for bit, whatever texts stand beside it and in whatever order. An
 * encoder may be used by several threads; its calls then wait for each other.
 */
public interface TextEncoder extends AutoCloseable {
    /** A short name for people, such as the model's. */
    String name();

    /** SHA-256 in hexadecimal over all that determines the embeddings: model, tokenizer, pooling. */
    String digest();

    /** Numbers per embedding, d. */
    int width();

    /** The longest text in tokens, special tokens included; what lies behind is cut off and counted. */
    int maxTokens();

    /** Returns one row per text, in their order; the caller closes the embeddings. */
    EncodedTexts encode(List<String> texts, Progress progress);

    /** Frees the model. */
    @Override
    void close();
}
