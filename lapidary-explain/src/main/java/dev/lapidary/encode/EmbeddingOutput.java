package dev.lapidary.encode;

import java.util.Optional;

/**
 * Which output of a network holds the embeddings of texts.
 *
 * @param pooled its name where the network pools itself, [b, d]
 * @param pooling how token embeddings [b, l, d] become one where it does not; empty where it must
 */
record EmbeddingOutput(String pooled, Optional<Pooling> pooling) {
    /** What a model without it is told. */
    String must() {
        return (pooling.isPresent() ? "token embeddings [b, l, d] or " : "") + pooled + " [b, d]";
    }
}
