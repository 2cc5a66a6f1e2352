package dev.lapidary.runtime.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Numbers calculated in float64 from the formulas, by name; a path looks like "gumbel/tau/1.0/loss". */
public final class Golden {
    private final Object root;

    private Golden(Object root) {
        this.root = root;
    }

    /** The numbers of learned masks. */
    public static Golden maskllm() {
        return read(Golden.class, "maskllm-golden.json");
    }

    /** Reads a resource in the package of a class. */
    public static Golden read(Class<?> owner, String resource) {
        try (InputStream in = Objects.requireNonNull(owner.getResourceAsStream(resource));
                JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
            return new Golden(value(parser, parser.nextToken()));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private static Object value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    map.put(name, value(parser, parser.nextToken()));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    list.add(value(parser, next));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_TRUE -> 1.0;
            case VALUE_FALSE -> 0.0;
            default -> parser.getDoubleValue();
        };
    }

    private Object at(String path) {
        Object at = root;
        for (String name : path.split("/")) {
            Object next = at instanceof List<?> list ? list.get(Integer.parseInt(name)) : ((Map<?, ?>) at).get(name);
            at = Objects.requireNonNull(next, path);
        }
        return at;
    }

    public double number(String path) {
        return (Double) at(path);
    }

    public double[] numbers(String path) {
        return row(at(path));
    }

    public int[] integers(String path) {
        double[] numbers = numbers(path);
        int[] out = new int[numbers.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (int) numbers[i];
        }
        return out;
    }

    public double[][] matrix(String path) {
        return ((List<?>) at(path)).stream().map(Golden::row).toArray(double[][]::new);
    }

    private static double[] row(Object list) {
        return ((List<?>) list).stream().mapToDouble(each -> (Double) each).toArray();
    }

    /** The matrix row after row. */
    public static double[] flat(double[][] matrix) {
        List<Double> out = new ArrayList<>();
        for (double[] row : matrix) {
            for (double each : row) {
                out.add(each);
            }
        }
        return out.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
