package dev.lapidary.concept.vocabulary;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.IntStream;

/** The cosine of two texts' embeddings; each text is embedded once, when it is first asked for. */
public final class CosineSimilarity implements TextSimilarity {
    private static final int ITEMS = 1024; // items multiplied with all concepts at a time

    private final Embedder embedder;
    private final Map<String, float[]> units = new HashMap<>(); // [d] each, length 1

    /** Gives the embeddings [n, d] of texts; the matrix is closed after use. */
    @FunctionalInterface
    private interface Embedder {
        EmbeddingMatrix embed(List<String> texts);
    }

    private CosineSimilarity(Embedder embedder) {
        this.embedder = embedder;
    }

    /** Returns the cosines of an encoder's embeddings; the caller closes the encoder afterwards. */
    public static CosineSimilarity of(TextEncoder encoder, Progress progress) {
        return new CosineSimilarity(texts -> {
            EncodedTexts encoded = encoder.encode(texts, progress);
            return encoded.embeddings();
        });
    }

    /** Returns the cosines of embeddings [n, d] that belong to the texts; asking for another text is bad input. */
    public static CosineSimilarity of(List<String> texts, float[][] embeddings) {
        if (texts.size() != embeddings.length) {
            throw new InputException(
                    "names and embeddings must match; got %d and %d".formatted(texts.size(), embeddings.length));
        }
        CosineSimilarity similarity = new CosineSimilarity(missing -> {
            throw new InputException(
                    "every text must have an embedding; got none for \"%s\"".formatted(missing.get(0)));
        });
        for (int i = 0; i < embeddings.length; i++) {
            similarity.units.put(texts.get(i), UnitVector.of(embeddings[i]));
        }
        return similarity;
    }

    @Override
    public float[] between(List<String> rows, List<String> columns) {
        SequencedSet<String> texts = new LinkedHashSet<>(rows);
        texts.addAll(columns);
        embed(texts);
        return CosineProducts.between(vectors(rows), vectors(columns));
    }

    /**
     * Returns for each text the mean of its largest cosines with the items, [M]; the mean of all where there are fewer.
     *
     * @param items [n, d], of any length; n at least 1
     */
    double[] activations(List<String> texts, EmbeddingMatrix items, int largest) {
        embed(new LinkedHashSet<>(texts));
        float[][] concepts = vectors(texts); // [M, d]
        if (concepts.length > 0 && concepts[0].length != items.width()) {
            throw new InputException("concepts and items must have embeddings of one width; got %d and %d"
                    .formatted(concepts[0].length, items.width()));
        }
        int kept = Math.min(largest, items.rows());
        float[][] best = new float[concepts.length][kept]; // ascending
        for (float[] row : best) {
            Arrays.fill(row, Float.NEGATIVE_INFINITY);
        }
        for (int from = 0; from < items.rows(); from += ITEMS) {
            int count = Math.min(ITEMS, items.rows() - from);
            float[][] block = new float[count][];
            for (int i = 0; i < count; i++) {
                block[i] = UnitVector.of(items.row(from + i));
            }
            float[] cosines = CosineProducts.between(concepts, block); // [M, count]
            IntStream.range(0, concepts.length)
                    .parallel()
                    .forEach(m -> collect(best[m], cosines, m * count, (m + 1) * count));
        }
        return Arrays.stream(best).mapToDouble(CosineSimilarity::mean).toArray();
    }

    private void embed(SequencedSet<String> texts) {
        List<String> missing =
                texts.stream().filter(text -> !units.containsKey(text)).toList();
        if (missing.isEmpty()) {
            return;
        }
        try (EmbeddingMatrix embeddings = embedder.embed(missing)) {
            embeddings.requireFinite("concept embeddings");
            for (int i = 0; i < missing.size(); i++) {
                units.put(missing.get(i), UnitVector.of(embeddings.row(i)));
            }
        }
    }

    private float[][] vectors(List<String> texts) {
        float[][] vectors = new float[texts.size()][];
        for (int i = 0; i < vectors.length; i++) {
            float[] unit = units.get(texts.get(i));
            if (unit == null) {
                throw new IllegalStateException("text must have been embedded; got \"" + texts.get(i) + "\"");
            }
            vectors[i] = unit;
        }
        return vectors;
    }

    private static void collect(float[] best, float[] cosines, int from, int to) {
        for (int i = from; i < to; i++) {
            float value = cosines[i];
            if (value > best[0]) {
                int at = 0;
                while (at + 1 < best.length && best[at + 1] < value) {
                    best[at] = best[at + 1];
                    at++;
                }
                best[at] = value;
            }
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
