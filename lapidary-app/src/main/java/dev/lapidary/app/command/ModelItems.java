package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Items embedded for a trained classifier.
 *
 * @param matrix [n, d]
 * @param warnings of the reading and the encoding
 * @param owned what {@link #close} frees; null where the data set owns the matrix
 */
record ModelItems(
        EmbeddingMatrix matrix,
        List<String> warnings,
        @Nullable EncodedTexts owned) implements AutoCloseable {
    /** Embeds a data set's texts by the encoder of the training, or takes its embeddings. */
    static ModelItems of(ConceptClassifier model, Dataset data, EncoderOptions encoder, Progress progress) {
        List<String> warnings = new ArrayList<>(data.warnings());
        if (data.hasTexts()) {
            ModelItems encoded = of(model, data.texts(), encoder, progress);
            warnings.addAll(encoded.warnings());
            return new ModelItems(encoded.matrix(), warnings, encoded.owned());
        }
        EmbeddingMatrix matrix = data.embeddings().orElseThrow();
        int width = model.identity().encoder().width();
        if (matrix.width() != width) {
            throw new InputException(
                    "embeddings must have the width of the training, " + width + "; got " + matrix.width());
        }
        return new ModelItems(matrix, warnings, null);
    }

    /** Embeds texts by the encoder of the training. */
    static ModelItems of(ConceptClassifier model, List<String> texts, EncoderOptions encoder, Progress progress) {
        if (model.identity().encoder().images()) {
            throw new InputException(
                    "items must be images (--images PATH or --image FILE), as those of the training were; got texts");
        }
        if (!model.identity().encoder().known()) {
            throw new InputException(
                    "items must be embeddings, since the encoder of the training was not at hand; got texts");
        }
        try (TextEncoder opened = encoder.open()) {
            EncodedTexts encoded = model.encode(opened, texts, progress);
            List<String> warnings = encoded.warnings(opened, texts);
            return new ModelItems(encoded.embeddings(), warnings, encoded);
        }
    }

    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }
}
