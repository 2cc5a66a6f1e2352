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
 * The image network tuned by low-rank adapters against the frozen one, by the commands that a user would give: on CIFAR-10 accuracy, on
 * drawn scenes also whether concepts keep their meaning; kept in docs/evidence/adapters. Needs the encoders of {@link ImageEvidence} and
 * {@link SceneEvidence}. Goes on where it was interrupted.
 */
final class AdapterEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/adapters";
    /** Names of what is compared, in order: frozen, and adapted by three seeds. */
    static final List<String> ENCODERS = List.of("frozen", "seed-0", "seed-1", "seed-2");

    static final String CIFAR = "cifar-10";
    static final String SCENES = "scenes";

    private static final String SEEDS = "5"; // of the heads

    @Override
    public String name() {
        return "evidence-adapters";
    }

    @Override
    public String summary() {
        return "evidence, not speed: image networks tuned by low-rank adapters against the frozen one, 3 seeds "
                + "(needs LAPIDARY_DATA, evidence-images and evidence-scenes; about half an hour)";
    }

    /** Files of one set of images. */
    private record Images(Path encoder, Path training, Path testing, Path concepts, List<String> labels) {}

    @Override
    public Map<String, Object> run() {
        String needed = "cifar10-train.zip and cifar10-test.zip (one folder of images per class)";
        Path cache = CacheFolder.sub("evidence");
        Path folder = ProjectFiles.home().resolve(FOLDER);
        Path scenes = cache.resolve("scenes-1-3");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        result.put("convolutions", Convolutions.description());
        try {
            Files.createDirectories(folder);
            Images cifar = new Images(
                    cache.resolve("cifar-10-encoder"),
                    ProjectFiles.data("cifar10-train.zip", needed),
                    ProjectFiles.data("cifar10-test.zip", needed),
                    ProjectFiles.home().resolve("concepts/cifar-10.txt"),
                    List.of());
            compare(CIFAR, cifar, folder, result);
            Images drawn = new Images(
                    cache.resolve("scenes-encoder"),
                    cache.resolve("scenes-training/scenes.csv"),
                    scenes.resolve("scenes.csv"),
                    scenes.resolve("concepts.txt"),
                    List.of("--concept-labels", scenes.resolve("concepts.csv").toString()));
            compare(SCENES, drawn, folder, result);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return result;
    }

    /** The file of one encoder's figures. */
    static String file(String images, String encoder) {
        return images + "-" + encoder + ".json";
    }

    private static void compare(String name, Images images, Path folder, Map<String, Object> result)
            throws IOException {
        for (int i = 0; i < ENCODERS.size(); i++) {
            Path file = folder.resolve(file(name, ENCODERS.get(i)));
            if (!Files.exists(file)) {
                AtomicFiles.writeString(file, measure(name, images, i - 1) + "\n");
            }
            JsonNode read = JsonMapper.shared().readTree(Files.readString(file));
            result.put(name + " " + ENCODERS.get(i), read.path("accuracy").asDouble());
        }
    }

    /** Measures one encoder: frozen where the seed is below 0. */
    private static ObjectNode measure(String name, Images images, int seed) {
        ObjectNode all = JsonMapper.shared().createObjectNode();
        Path encoder = images.encoder();
        if (seed >= 0) {
            encoder = CacheFolder.sub("evidence").resolve(name + "-adapted-" + seed);
            List<String> adapt =
                    command("encoder", "adapt", "--encoder", images.encoder(), "--images", images.training());
            adapt.addAll(command("--concepts", images.concepts(), "--out", encoder, "--seed", seed));
            if (name.equals(CIFAR)) {
                adapt.add("--mirror"); // left and right mean nothing there
            }
            JsonNode adapted = json(adapt);
            all.set("seconds", adapted.path("seconds"));
            all.set("parameters", adapted.path("parameters"));
            all.set("jointAccuracy", adapted.path("accuracy"));
        }
        List<String> train = command("concepts", "train", "--images", images.training(), "--test", images.testing());
        train.addAll(command("--encoder", encoder, "--concepts", images.concepts(), "--nec", 3, "--seeds", SEEDS));
        train.addAll(
                command("--class-cutoff", 2, "--duplicate-cutoff", 2, "--activation-cutoff", -1)); // the same for all
        JsonNode trained = json(train);
        for (String field : List.of("concepts", "accuracy", "nec", "seeds", "baselines", "intervals")) {
            all.set(field, trained.path(field));
        }
        if (!images.labels().isEmpty()) {
            List<String> evaluate = command("encoder", "evaluate", "--encoder", encoder, "--images", images.testing());
            evaluate.addAll(images.labels());
            JsonNode evaluated = json(evaluate);
            for (String field : List.of("conceptAccuracy", "conceptInterval", "conceptShuffled")) {
                all.set(field, evaluated.path(field));
            }
        }
        return all;
    }

    private static List<String> command(Object... words) {
        List<String> command = new ArrayList<>();
        for (Object word : words) {
            command.add(word.toString());
        }
        return command;
    }

    private static JsonNode json(List<String> command) {
        command.add("--json");
        return CommandJson.of(command);
    }
}
