package dev.lapidary.concept.vocabulary;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Progress;
import java.util.List;
import java.util.Map;

/** An encoder whose embeddings a test writes down. */
record ToyEncoder(Map<String, float[]> vectors) implements TextEncoder {
    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String digest() {
        return "0";
    }

    @Override
    public int width() {
        return vectors.values().iterator().next().length;
    }

    @Override
    public int maxTokens() {
        return 8;
    }

    @Override
    public EncodedTexts encode(List<String> texts, Progress progress) {
        float[][] rows = texts.stream()
                .map(text -> {
                    float[] vector = vectors.get(text);
                    if (vector == null) {
                        throw new IllegalArgumentException("no vector for " + text);
                    }
                    return vector;
                })
                .toArray(float[][]::new);
        return new EncodedTexts(EmbeddingMatrix.of(rows), 0, texts.size());
    }

    @Override
    public void close() {}
}
