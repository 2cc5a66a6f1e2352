package dev.lapidary.concept.classifier;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The golden numbers of the specification, calculated in float64 apart from this project. */
public final class Golden {
    public static final JsonNode ROOT = read();

    private Golden() {}

    private static JsonNode read() {
        try (InputStream in =
                Objects.requireNonNull(Golden.class.getResourceAsStream("/golden/concept-bottleneck.json"))) {
            return JsonMapper.builder().build().readTree(in);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public static double[] vector(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    public static int[] integers(JsonNode node) {
        int[] values = new int[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asInt();
        }
        return values;
    }

    public static double[][] matrix(JsonNode node) {
        double[][] rows = new double[node.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = vector(node.get(i));
        }
        return rows;
    }

    public static float[][] floats(JsonNode node) {
        double[][] rows = matrix(node);
        float[][] out = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            out[i] = new float[rows[i].length];
            for (int j = 0; j < out[i].length; j++) {
                out[i][j] = (float) rows[i][j];
            }
        }
        return out;
    }

    public static double[] flat(JsonNode node) {
        return java.util.Arrays.stream(matrix(node))
                .flatMapToDouble(java.util.Arrays::stream)
                .toArray();
    }
}
