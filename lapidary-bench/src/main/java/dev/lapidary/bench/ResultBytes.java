package dev.lapidary.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares two results byte by byte, but for the fields of JSON files that hold times and memory, and the digests of files with such
 * fields.
 */
final class ResultBytes {
    /** Fields of JSON files that differ between any two runs. */
    static final List<String> IGNORED = List.of(
            "created",
            "seconds",
            "secondsPerStep",
            "tokensPerSecond",
            "imagesPerSecond",
            "trainSeconds",
            "predictSeconds",
            "peakBytes",
            "predictedPeakBytes");

    private static final String MANIFEST = "lapidary.json"; // with the digests of the other files, and one of all
    private static final String METRICS = "metrics.json"; // with seconds

    private ResultBytes() {}

    /** Returns the names of what differs between two files, or two folders; empty where nothing does. */
    static List<String> differences(Path expected, Path actual) throws IOException {
        Set<String> names = new TreeSet<>(names(expected));
        names.addAll(names(actual));
        List<String> different = new ArrayList<>();
        for (String name : names) {
            if (!same(expected.resolve(name), actual.resolve(name))) {
                different.add(name.isEmpty() ? String.valueOf(actual.getFileName()) : name);
            }
        }
        return different;
    }

    private static Set<String> names(Path root) throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(root.relativize(file).toString()));
        }
        return names;
    }

    private static boolean same(Path expected, Path actual) throws IOException {
        if (!Files.isRegularFile(expected) || !Files.isRegularFile(actual)) {
            return false;
        }
        if (Files.mismatch(expected, actual) < 0) {
            return true;
        }
        String name = expected.toString();
        if (name.endsWith(".jsonl")) {
            List<JsonNode> lines = Files.readAllLines(expected).stream()
                    .map(ResultBytes::withoutTimes)
                    .toList();
            return lines.equals(Files.readAllLines(actual).stream()
                    .map(ResultBytes::withoutTimes)
                    .toList());
        }
        return name.endsWith(".json") && Objects.equals(json(expected), json(actual));
    }

    private static JsonNode json(Path file) throws IOException {
        JsonNode node = withoutTimes(Files.readString(file));
        if (file.endsWith(MANIFEST) && node instanceof ObjectNode all && all.get("files") instanceof ObjectNode files) {
            all.remove("digest");
            files.remove(METRICS);
        }
        return node;
    }

    static JsonNode withoutTimes(String json) {
        JsonNode node = JsonMapper.shared().readTree(json);
        remove(node);
        return node;
    }

    private static void remove(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(IGNORED);
        }
        for (JsonNode child : node) {
            remove(child);
        }
    }
}
