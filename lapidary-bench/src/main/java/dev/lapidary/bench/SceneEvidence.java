package dev.lapidary.bench;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.torch.Convolutions;
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
 * docs/evidence/scenes. Goes on where it was interrupted.
 */
final class SceneEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/scenes";
    /** The file of the encoders' figures. */
    static final String ENCODER = "encoder.json";
    /** Numbers of objects of the scenes that judge: those of the training first. */
    static final List<String> OBJECTS = List.of("1-3", "1", "2", "3");

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
        Path folder = ProjectFiles.home().resolve(FOLDER);
        try {
            Files.createDirectories(folder);
            Path encoder = encoder(folder.resolve(ENCODER));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", name());
            result.put("convolutions", Convolutions.description());
            for (String objects : OBJECTS) {
                JsonNode measured = measured(encoder, objects, folder.resolve(file(objects)));
                Map<String, Object> figures = new LinkedHashMap<>();
                for (String field : List.of("conceptAccuracy", "conceptShuffled", "conceptsCounted", "zeroShot")) {
                    figures.put(field, measured.path(field).asDouble());
                }
                result.put("objects " + objects, figures);
            }
            return result;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The file of what was measured on scenes with a number of objects. */
    static String file(String objects) {
        return "objects-" + objects + ".json";
    }

    /** Trains the encoders unless the cache has them. */
    private static Path encoder(Path figures) throws IOException {
        Path cache = CacheFolder.sub("evidence");
        Path encoder = cache.resolve("scenes-encoder");
        if (!Files.exists(encoder.resolve(AtomicFiles.MARKER)) || !Files.exists(figures)) {
            Path scenes = scenes(cache.resolve("scenes-training"), TRAINING, 0, OBJECTS.getFirst());
            List<String> train = new ArrayList<>(List.of("encoder", "train", "--images", table(scenes)));
            train.addAll(List.of("--concept-labels", concepts(scenes), "--out", encoder.toString(), "--json"));
            JsonNode trained = CommandJson.of(train);
            ObjectNode kept = JsonMapper.shared().createObjectNode();
            for (String field : List.of("images", "captions", "steps", "seconds", "precision")) {
                kept.set(field, trained.path(field));
            }
            AtomicFiles.writeString(figures, kept + "\n");
        }
        return encoder;
    }

    private static JsonNode measured(Path encoder, String objects, Path file) throws IOException {
        if (!Files.exists(file)) {
            Path scenes = scenes(CacheFolder.sub("evidence").resolve("scenes-" + objects), TESTING, 1, objects);
            List<String> evaluate = new ArrayList<>(List.of("encoder", "evaluate", "--encoder", encoder.toString()));
            evaluate.addAll(List.of("--images", table(scenes), "--concept-labels", concepts(scenes), "--json"));
            AtomicFiles.writeString(file, CommandJson.of(evaluate) + "\n");
        }
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private static Path scenes(Path folder, int count, int seed, String objects) {
        List<String> draw = new ArrayList<>(List.of("images", "scenes", "--out", folder.toString()));
        draw.addAll(List.of("--count", count + "", "--seed", seed + "", "--objects", objects, "--json"));
        CommandJson.of(draw);
        return folder;
    }

    private static String table(Path scenes) {
        return scenes.resolve("scenes.csv").toString();
    }

    private static String concepts(Path scenes) {
        return scenes.resolve("concepts.csv").toString();
    }
}
