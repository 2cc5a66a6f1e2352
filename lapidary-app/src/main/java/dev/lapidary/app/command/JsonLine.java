package dev.lapidary.app.command;

import java.util.Iterator;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes objects as one line of JSON; a number that is not finite, which JSON cannot say, becomes null. */
final class JsonLine {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private JsonLine() {}

    static String of(Object value) {
        return MAPPER.writeValueAsString(tree(value));
    }

    /** The value as a tree that may be added to. */
    static JsonNode tree(Object value) {
        JsonNode tree = MAPPER.valueToTree(value);
        clean(tree);
        return tree;
    }

    /** The value as its declared type is written, which may name which kind of it this is. */
    static JsonNode tree(Class<?> declared, Object value) {
        return MAPPER.readTree(MAPPER.writerFor(declared).writeValueAsString(value));
    }

    static ObjectNode object(Object value) {
        return (ObjectNode) tree(value);
    }

    private static void clean(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> field = fields.next();
                if (notFinite(field.getValue())) {
                    field.setValue(MAPPER.nullNode());
                } else {
                    clean(field.getValue());
                }
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (notFinite(array.get(i))) {
                    array.set(i, MAPPER.nullNode());
                } else {
                    clean(array.get(i));
                }
            }
        }
    }

    private static boolean notFinite(JsonNode node) {
        return node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue());
    }
}
