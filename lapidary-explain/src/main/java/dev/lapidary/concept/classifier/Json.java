package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.Nulls;
import dev.lapidary.runtime.InputException;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The one way in which this package writes and reads JSON: indented, records by name; unknown, missing and null fields refused. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .changeDefaultNullHandling(n -> n.withContentNulls(Nulls.FAIL))
            .build();

    private Json() {}

    /** Writes a value, with a line feed at the end. */
    public static String write(Object value) {
        return MAPPER.writeValueAsString(value) + "\n";
    }

    /**
     * Reads a value of a type some of whose fields earlier versions did not write.
     *
     * @param optional names of these fields; where one is missing it is read as an empty list
     * @param switches names of objects to that of a field within; where it is missing it is read as false
     */
    static <T> T readWith(String text, List<String> optional, Map<String, String> switches, Class<T> type)
            throws JacksonException {
        if (!(MAPPER.readTree(text) instanceof ObjectNode object)) {
            return read(text, type);
        }
        for (String field : optional) {
            if (!object.has(field)) {
                object.putArray(field);
            }
        }
        switches.forEach((within, field) -> {
            if (object.get(within) instanceof ObjectNode inner && !inner.has(field)) {
                inner.put(field, false);
            }
        });
        return MAPPER.treeToValue(object, type);
    }

    /** Reads a value of a type that is not null. */
    public static <T> T read(String text, Class<T> type) throws JacksonException {
        T value = MAPPER.readValue(text, type);
        if (value == null) {
            throw new InputException("JSON must hold a " + type.getSimpleName() + "; got null");
        }
        return value;
    }
}
