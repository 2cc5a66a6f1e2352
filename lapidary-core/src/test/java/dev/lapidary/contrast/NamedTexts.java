package dev.lapidary.contrast;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Progress;
import java.util.List;

/** Embeds each of some words as an axis of its own. */
record NamedTexts(List<String> words) implements TextEncoder {
    @Override
    public String name() {
        return "words";
    }

    @Override
    public String digest() {
        return words.toString();
    }

    @Override
    public int width() {
        return words.size();
    }

    @Override
    public int maxTokens() {
        return 1;
    }

    @Override
    public EncodedTexts encode(List<String> texts, Progress progress) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(texts.size(), width());
        for (int i = 0; i < texts.size(); i++) {
            float[] row = new float[width()];
            row[words.indexOf(texts.get(i))] = 1;
            matrix.set(i, row);
        }
        return new EncodedTexts(matrix, 0, texts.size());
    }

    @Override
    public void close() {}
}
