package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Golden;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** The golden small data set (6 classes, 24 concepts, 120 items a part) in the form in which maps are fitted. */
final class GoldenRows implements AutoCloseable {
    static final JsonNode SMALL = Golden.ROOT.get("small_dataset");
    static final int CLASSES = 6;
    static final int CONCEPTS = 24;

    final EmbeddingMatrix items = EmbeddingMatrix.of(Golden.floats(SMALL.get("train_embeddings")));
    final EmbeddingMatrix others = EmbeddingMatrix.of(Golden.floats(SMALL.get("test_embeddings")));
    final float[][] vectors = Vectors.units(Golden.floats(SMALL.get("concept_embeddings")));
    final ScoreRows.Part trainPart = part(items, "train_labels");
    final ScoreRows.Part testPart = part(others, "test_labels");
    final ScoreMoments moments;
    final ScoreRows train;
    final ScoreRows test;

    GoldenRows() {
        try (ScoreBlocks blocks = new ScoreBlocks(items, trainPart.rows(), vectors)) {
            moments = ScoreMoments.of(blocks);
        }
        train = ScoreRows.of(trainPart, vectors, moments.standardisation(), moments.gram(), Long.MAX_VALUE);
        test = ScoreRows.of(testPart, vectors, moments.standardisation(), new double[0], Long.MAX_VALUE);
    }

    private static ScoreRows.Part part(EmbeddingMatrix of, String key) {
        int[] labels = Golden.integers(SMALL.get(key));
        return new ScoreRows.Part(of, IntStream.range(0, labels.length).toArray(), labels, null, CLASSES);
    }

    @Override
    public void close() {
        train.close();
        test.close();
        items.close();
        others.close();
    }
}
