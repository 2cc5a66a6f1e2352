package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an encoder made of some texts.
 *
 * @param embeddings [n, d], row i belongs to text i; {@link #close} frees it
 * @param truncated number of texts of which the encoder saw only the beginning
 * @param tokens tokens over all texts after truncation, special tokens included
 * @param perText the same counts text by text, or null where the encoder does not know them
 */
public record EncodedTexts(
        EmbeddingMatrix embeddings,
        int truncated,
        long tokens,
        @Nullable PerText perText) implements AutoCloseable {
    /** Creates one without counts per text. */
    public EncodedTexts(EmbeddingMatrix embeddings, int truncated, long tokens) {
        this(embeddings, truncated, tokens, null);
    }

    /** Creates one from counts per text. */
    public EncodedTexts(EmbeddingMatrix embeddings, PerText perText) {
        this(embeddings, perText.truncated().cardinality(), perText.sum(), perText);
    }

    /** Returns a line about the texts that were cut, or nothing where none was. */
    public Optional<String> truncation(TextEncoder encoder) {
        return truncated == 0
                ? Optional.empty()
                : Optional.of(truncated + " of " + embeddings.rows() + " texts are longer than the encoder's "
                        + encoder.maxTokens() + " tokens; only their beginning was read");
    }

    /** Returns lines about texts that were cut, and about a language that the packaged encoder does not know. */
    public List<String> warnings(TextEncoder encoder, List<String> texts) {
        List<String> warnings = new ArrayList<>(truncation(encoder).stream().toList());
        if (encoder.name().equals(PackagedModel.NAME)) {
            EnglishCheck.warning(texts).ifPresent(warnings::add);
        }
        return warnings;
    }

    /** Frees the embeddings. */
    @Override
    public void close() {
        embeddings.close();
    }

    /**
     * Counts text by text.
     *
     * @param tokens [n], after truncation
     * @param truncated the texts of which only the beginning was seen
     */
    @SuppressWarnings("ArrayRecordComponent") // one count per text; never changed
    public record PerText(int[] tokens, BitSet truncated) {
        private long sum() {
            long sum = 0;
            for (int count : tokens) {
                sum += count;
            }
            return sum;
        }
    }
}
