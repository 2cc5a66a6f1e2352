package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a line; its fields are the columns, and a line need not have them all. */
record JsonTable(TextFile file, List<String> columns) implements Table {
    private static final int LARGEST_COLUMNS = 10_000;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static JsonTable open(TextFile file) {
        Path path = file.path();
        Set<String> names = new LinkedHashSet<>();
        objects(file, (node, line) -> {
            names.addAll(node.propertyNames());
            if (names.size() > LARGEST_COLUMNS) {
                throw new InputException(
                        path + ": objects must have at most 10,000 fields together; got more at line " + line);
            }
        });
        if (names.isEmpty()) {
            throw new InputException(path + ": must have one JSON object with fields a line; got none");
        }
        return new JsonTable(file, List.copyOf(names));
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public void rows(Sink sink) {
        objects(file, (node, line) -> {
            List<String> values = new ArrayList<>(columns.size());
            for (String column : columns) {
                values.add(value(node.get(column)));
            }
            sink.row(line, values);
        });
    }

    private static void objects(TextFile file, ObjLongConsumer<JsonNode> sink) {
        Path path = file.path();
        try (BufferedReader lines = file.open()) {
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    sink.accept(object(path, line, number), number);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static JsonNode object(Path path, String json, long line) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node.isObject()) {
                return node;
            }
            throw new InputException(path + ": must have one JSON object a line; got "
                    + (json.stripLeading().startsWith("[") ? "an array" : "another value") + " at line " + line);
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new InputException(
                    path + ": must have one JSON object a line; got another text at line " + line + " (" + reason + ")",
                    e);
        }
    }

    private static String value(@Nullable JsonNode node) {
        if (node == null || node.isNull() || node.isMissingNode()) {
            return "";
        }
        if (node.isValueNode()) {
            return node.asString();
        }
        return node.toString(); // nested values are shown as JSON, should somebody ask for them
    }
}
