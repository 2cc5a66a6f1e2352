package dev.lapidary.bench;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Draws scenes, trains encoders on them and measures what these know of concepts, by the commands that a user would give; kept as
 * docs/evidence/scenes/scenes.json. Goes on where it was interrupted.
 */
final class SceneEvidence implements Benchmark {
    static final String FILE = "docs/evidence/scenes/scenes.json";

    private static final int TRAINING = 20_000; // scenes
    private static final int TESTING = 4_000; // scenes, half of which choose thresholds

    @Override
    public String name() {
        return "evidence-scenes";
    }

    @Override
    public String summary() {
        return "evidence, not speed: concept accuracy of encoders trained on drawn scenes (about 15 minutes)";
    }

    @Override
    public Map<String, Object> run() {
        Path file = ProjectFiles.home().resolve(FILE);
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(file.getParent());
                AtomicFiles.writeString(file, measure() + "\n");
            }
            JsonNode root = JsonMapper.shared().readTree(Files.readString(file));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", name());
            for (String field : List.of("conceptAccuracy", "conceptShuffled", "conceptsCounted", "zeroShot")) {
                result.put(field, root.path(field).asDouble());
            }
            result.put("equal", true); // nothing is compared for equality here
            return result;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static ObjectNode measure() {
        Path cache = CacheFolder.sub("evidence");
        Path training = scenes(cache.resolve("scenes-training"), TRAINING, 0);
        Path testing = scenes(cache.resolve("scenes-testing"), TESTING, 1);
        Path encoder = cache.resolve("scenes-encoder");
        List<String> train = new ArrayList<>(List.of("encoder", "train", "--images", table(training)));
        train.addAll(
                List.of("--concept-labels", concepts(training), "--out", encoder.toString(), "--resume", "--json"));
        JsonNode trained = CommandJson.of(train);
        JsonNode measured = CommandJson.of(List.of(
                "encoder",
                "evaluate",
                "--encoder",
                encoder.toString(),
                "--images",
                table(testing),
                "--concept-labels",
                concepts(testing),
                "--json"));
        ObjectNode all = JsonMapper.shared().createObjectNode();
        for (String field : List.of("images", "captions", "steps", "seconds", "precision")) {
            all.set(field, trained.path(field));
        }
        measured.properties().forEach(field -> all.set(field.getKey(), field.getValue()));
        return all;
    }

    private static Path scenes(Path folder, int count, int seed) {
        CommandJson.of(List.of(
                "images", "scenes", "--out", folder.toString(), "--count", count + "", "--seed", seed + "", "--json"));
        return folder;
    }

    private static String table(Path scenes) {
        return scenes.resolve("scenes.csv").toString();
    }

    private static String concepts(Path scenes) {
        return scenes.resolve("concepts.csv").toString();
    }
}
