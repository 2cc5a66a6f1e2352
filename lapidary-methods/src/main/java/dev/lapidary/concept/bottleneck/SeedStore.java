package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Baseline;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.Json;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.StoredTensors;
import dev.lapidary.data.Split;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Finished seeds of a training that is not finished, one file each, so that an interrupted run goes on where it was.
 *
 * <p>A file counts only where its metadata bears the digest of the same data, concepts, encoder and settings, and that of its own
 * content.
 */
final class SeedStore {
    private static final Logger LOG = LoggerFactory.getLogger(SeedStore.class);

    private final @Nullable Path folder;
    private final String identity;

    private SeedStore(@Nullable Path folder, String identity) {
        this.folder = folder;
        this.identity = identity;
    }

    /** Opens a folder, made when the first seed is kept, or keeps nothing where it is null. */
    static SeedStore open(@Nullable Path folder, String identity) {
        return new SeedStore(folder, identity);
    }

    Optional<SeedRun> get(long seed, Split split, float[][] shared, int width) {
        if (folder == null || !Files.isRegularFile(file(folder, seed))) {
            return Optional.empty();
        }
        try (TensorFile file = TensorFile.open(file(folder, seed))) {
            String report = file.metadata().get("report");
            if (report == null || !identity.equals(file.metadata().get("identity"))) {
                return Optional.empty();
            }
            String found = content(file.tensors().values(), report);
            if (!found.equals(file.metadata().get("content"))) {
                throw new InputException(
                        "the content must have the digest " + file.metadata().get("content") + "; got " + found);
            }
            SeedRun run = restore(file.tensors(), split, Json.read(report, Report.SeedReport.class), shared, width);
            LOG.info("seed {} was finished before and is taken from {}", seed, folder);
            return Optional.of(run);
        } catch (InputException | IOException | JacksonException unusable) {
            LOG.warn("{} is not usable and is made again: {}", file(folder, seed), unusable.getMessage());
            return Optional.empty();
        }
    }

    /** Digest over tensors, whatever their order, and the report. */
    private static String content(Collection<TensorView> tensors, String report) {
        return Sha256.of(tensors.stream()
                .map(t -> t.name() + " " + t.dtype() + " " + t.shape() + " " + Sha256.of(t.data()))
                .sorted()
                .collect(Collectors.joining("\n", report + "\n", "")));
    }

    private static SeedRun restore(
            Map<String, TensorView> tensors, Split split, Report.SeedReport report, float[][] shared, int width) {
        SortedMap<Baseline, ClassScorer> baselines = new TreeMap<>();
        Map<String, boolean[]> correct = new LinkedHashMap<>();
        correct.put(Report.METHOD, correct(tensors, Report.METHOD));
        for (Baseline baseline : Baseline.values()) {
            if (report.baselines().containsKey(baseline.id())) {
                baselines.put(baseline, ClassScorer.restore(tensors, baseline.id() + ".", shared, width));
                correct.put(baseline.id(), correct(tensors, baseline.id()));
            }
        }
        ClassScorer scorer = ClassScorer.restore(tensors, Report.METHOD + ".", shared, width);
        return new SeedRun(split, scorer, baselines, report, correct);
    }

    private static boolean[] correct(Map<String, TensorView> tensors, String id) {
        long[] stored = StoredTensors.require(tensors, id + ".correct", 1).toLongs();
        boolean[] correct = new boolean[stored.length];
        for (int i = 0; i < correct.length; i++) {
            correct[i] = stored[i] != 0;
        }
        return correct;
    }

    /** Keeps a finished seed and returns it. */
    SeedRun keep(SeedRun run, float[][] shared) {
        if (folder == null) {
            return run;
        }
        List<TensorView> tensors = new ArrayList<>(run.scorer().tensors(Report.METHOD + ".", shared));
        run.baselines().forEach((baseline, scorer) -> tensors.addAll(scorer.tensors(baseline.id() + ".", shared)));
        run.correct().forEach((id, right) -> {
            byte[] bytes = new byte[right.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (right[i] ? 1 : 0);
            }
            tensors.add(TensorView.of(id + ".correct", bytes, bytes.length));
        });
        String report = Json.write(run.report());
        try {
            Files.createDirectories(folder);
            SafetensorsWriter.write(
                    file(folder, run.split().seed()),
                    tensors,
                    Map.of("identity", identity, "report", report, "content", content(tensors, report)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return run;
    }

    /** Removes what was kept, once the whole training is saved elsewhere or handed over. */
    void delete() {
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        try (var files = Files.newDirectoryStream(folder, "seed-*.safetensors")) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException failure) {
            LOG.warn("{} could not be removed: {}", folder, failure.getMessage());
        }
    }

    private static Path file(Path folder, long seed) {
        return folder.resolve("seed-" + seed + ".safetensors");
    }
}
