package dev.lapidary.relax;

import java.io.InputStream;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The golden numbers of the Gumbel tests, calculated in float64 from the formulas. */
final class Golden {
    static final JsonNode ROOT = read();

    private Golden() {}

    static double[][] matrix(JsonNode node) {
        double[][] rows = new double[node.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = vector(node.get(i));
        }
        return rows;
    }

    static double[] vector(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    private static JsonNode read() {
        InputStream stream = Golden.class.getResourceAsStream("gumbel.json");
        return JsonMapper.shared().readTree(Objects.requireNonNull(stream));
    }
}
