package dev.lapidary.concept.search;

import static java.util.Objects.requireNonNull;

import dev.lapidary.data.EmbeddingMatrix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Golden numbers of this package, and random matrices. */
final class Golden {
    private Golden() {}

    static JsonNode read(String name) {
        try (InputStream in = requireNonNull(Golden.class.getResourceAsStream(name))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double[][] matrix(JsonNode node) {
        return new ObjectMapper().treeToValue(node, double[][].class);
    }

    static int[] ints(JsonNode node) {
        return new ObjectMapper().treeToValue(node, int[].class);
    }

    static EmbeddingMatrix embeddings(double[][] rows) {
        float[][] floats = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            floats[i] = floats(rows[i]);
        }
        return EmbeddingMatrix.of(floats);
    }

    static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** Random rows that are representable in float32, around a common direction of the given strength. */
    static double[][] random(int rows, int width, double common, long seed) {
        var random = new java.util.Random(seed);
        double[][] matrix = new double[rows][width];
        for (double[] row : matrix) {
            for (int j = 0; j < width; j++) {
                row[j] = (float) (random.nextGaussian() + (j % 3 == 0 ? common : 0));
            }
        }
        return matrix;
    }
}
