package dev.lapidary.trial;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The finished pieces of a trial: one file for each arm and seed, and the settings under which all of them were made. */
final class TrialFolder {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final long LONGEST = 1 << 20; // bytes of a file

    private static final String IDENTITY = "trial.json";

    private final Path folder;

    private TrialFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens or makes the folder of a trial.
     *
     * @throws InputException where it holds outcomes under other settings
     */
    static TrialFolder open(Path folder, Trial<?> trial) {
        TrialFolder opened = new TrialFolder(folder);
        Path file = folder.resolve(IDENTITY);
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(folder);
                AtomicFiles.writeString(file, identity(trial));
            } else if (!isOf(file, trial)) {
                throw new InputException(folder
                        + " holds outcomes under other settings; choose another folder, or discard them (--restart)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
        return opened;
    }

    /** Discards the outcomes of some seeds; those of all seeds where they were made under other settings. */
    static void discard(Path folder, Trial<?> trial, TrialSeeds seeds) {
        Path file = folder.resolve(IDENTITY);
        try {
            if (!Files.isRegularFile(file)) {
                return; // no trial's folder
            }
            if (!isOf(file, trial)) {
                AtomicFiles.deleteTree(folder);
                return;
            }
            for (long seed : seeds.all()) {
                AtomicFiles.deleteTree(folder.resolve(Long.toString(seed)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be deleted", e);
        }
    }

    private static boolean isOf(Path file, Trial<?> trial) throws IOException {
        return Files.size(file) <= LONGEST && same(Files.readString(file), identity(trial));
    }

    private static String identity(Trial<?> trial) {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("trial", trial.name());
        identity.put("settings", trial.settings());
        return JSON.writeValueAsString(identity) + "\n";
    }

    /** Whether two texts hold the same settings, in whatever order: that of {@link Map#of} changes from run to run. */
    private static boolean same(String kept, String text) {
        try {
            return JSON.readTree(kept).equals(JSON.readTree(text));
        } catch (JacksonException malformed) {
            return false;
        }
    }

    private Path file(String arm, long seed) {
        return folder.resolve(Long.toString(seed)).resolve(arm + ".json");
    }

    /** Returns what an arm measured under a seed, if it has. */
    Optional<Measured> read(String arm, long seed) {
        Path file = file(arm, seed);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > LONGEST) {
                throw new InputException(
                        file + ": an outcome has at most " + LONGEST + " bytes; got " + Files.size(file));
            }
            JsonNode tree = JSON.readTree(Files.readString(file));
            return Optional.of(new Measured(
                    new Outcome(figures(tree, "figures", file), figures(tree, "timed", file)),
                    number(tree.path("seconds"), file),
                    tree.path("machine").asString(""),
                    tree.path("code").asString("")));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InputException(file + ": no outcome of a trial; delete it to measure again", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static Map<String, Double> figures(JsonNode tree, String name, Path file) {
        Map<String, Double> figures = new LinkedHashMap<>();
        tree.path(name).properties().forEach(entry -> figures.put(entry.getKey(), number(entry.getValue(), file)));
        return figures;
    }

    private static double number(JsonNode node, Path file) {
        if (!node.isNumber()) {
            throw new InputException(file + ": a figure must be a number; got " + node.getNodeType());
        }
        return node.doubleValue();
    }

    /** Keeps what an arm measured. */
    void write(String arm, long seed, Measured measured) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("figures", measured.outcome().figures());
        tree.put("timed", measured.outcome().timed());
        tree.put("seconds", measured.seconds());
        tree.put("machine", measured.machine());
        tree.put("code", measured.code());
        Path file = file(arm, seed);
        try {
            Files.createDirectories(folder.resolve(Long.toString(seed)));
            AtomicFiles.writeString(file, JSON.writeValueAsString(tree) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }
}
