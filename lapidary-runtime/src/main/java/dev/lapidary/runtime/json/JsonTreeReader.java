package dev.lapidary.runtime.json;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/** Builds a {@link JsonTree} from the tokens of a guarded parser. */
record JsonTreeReader(String where, JsonParser parser) {
    static final int LARGEST = 1 << 28; // bytes; the largest tokenizers take 40 MB

    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNumberLength(64)
                    .maxStringLength(LARGEST)
                    .build())
            .build();

    static JsonObject read(String where, byte[] json) {
        if (json.length > LARGEST) {
            throw new InputException(where + ": must be at most " + LARGEST + " bytes; got " + json.length);
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            JsonTreeReader reader = new JsonTreeReader(where, parser);
            JsonTree tree = reader.value(where, parser.nextToken());
            if (parser.nextToken() != null) {
                throw new InputException(where + ": must end after one JSON object; got " + parser.currentToken());
            }
            if (!(tree instanceof JsonObject object)) {
                throw new InputException(where + ": must be a JSON object; got " + tree.kind());
            }
            return object;
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed JSON");
            throw new InputException(where + ": must be JSON; got: " + reason, e);
        }
    }

    private JsonTree value(String path, @Nullable JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(path);
            case START_ARRAY -> items(path);
            case VALUE_STRING -> new JsonTree.Text(parser.getString());
            case VALUE_NUMBER_INT -> whole();
            case VALUE_NUMBER_FLOAT -> new JsonTree.Fraction(parser.getDoubleValue());
            case VALUE_TRUE -> new JsonTree.Truth(true);
            case VALUE_FALSE -> new JsonTree.Truth(false);
            case VALUE_NULL -> new JsonTree.Nothing();
            case null -> throw new InputException(where + ": must be JSON; got nothing");
            default -> throw new InputException(where + ": must be JSON; got " + token);
        };
    }

    private JsonTree whole() {
        return switch (parser.getNumberType()) {
            case INT, LONG -> new JsonTree.Whole(parser.getLongValue());
            default -> new JsonTree.Fraction(parser.getDoubleValue());
        };
    }

    private JsonTree items(String path) {
        List<JsonTree> values = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            values.add(value(path, token));
        }
        return new JsonTree.Items(Collections.unmodifiableList(values));
    }

    private JsonTree object(String path) {
        SequencedMap<String, JsonTree> members = new LinkedHashMap<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            // only an object's path is ever shown
            String inner = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY ? path(path, name) : "";
            members.put(name, value(inner, token));
        }
        return new JsonObject(path, Collections.unmodifiableSequencedMap(members));
    }

    private String path(String path, String name) {
        return path.equals(where) ? where + ": " + name : path + "." + name;
    }
}
