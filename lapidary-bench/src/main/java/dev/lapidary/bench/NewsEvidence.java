package dev.lapidary.bench;

import dev.lapidary.app.TerminalProgress;
import dev.lapidary.concept.bottleneck.ConceptConfig;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.bottleneck.Method;
import dev.lapidary.concept.bottleneck.Report;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
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
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every concept method on AG's News, 5 seeds, as data under docs/evidence/ag-news: one file a run, so that an interrupted evidence
 * goes on with the runs that are missing. Delete a file to measure it again.
 */
final class NewsEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/ag-news";
    private static final int SEEDS = 5;
    private static final double NEC = 10;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** One run: a file name, what is trained, and whether on the list that is shipped or on proposed concepts. */
    private record Run(String id, ConceptConfig config, boolean listed) {}

    @Override
    public String name() {
        return "evidence-news";
    }

    @Override
    public String summary() {
        return "evidence, not speed: every concept method on AG's News, 5 seeds (needs LAPIDARY_DATA; about 15 minutes)";
    }

    @Override
    public Map<String, Object> run() {
        Path data = ProjectFiles.data("ag-news.csv", "ag-news.csv (columns label, title, text)");
        Path folder = ProjectFiles.home().resolve(FOLDER);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (TextEncoder encoder = new EmbeddingCache(OnnxTextEncoder.packaged(), CacheFolder.sub("embeddings"));
                Dataset news = DataReader.read(
                        new DataSource(data, List.of("title", "text"), Optional.of("label"), Optional.empty()))) {
            for (Run run : runs()) {
                Path file = folder.resolve(run.id() + ".json");
                if (!Files.exists(file)) {
                    System.err.println("evidence-news: " + run.id());
                    save(file, train(run, news, encoder));
                }
                Report report = JSON.readValue(Files.readString(file), Report.class);
                result.put(run.id(), Map.of("accuracy", report.accuracy(), "baselines", report.baselines()));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        result.put("folder", folder.toString());
        result.put("equal", true); // nothing is compared for equality here
        return result;
    }

    private static Report train(Run run, Dataset news, TextEncoder encoder) {
        ConceptTraining training =
                ConceptTraining.of(news, encoder).config(run.config()).progress(TerminalProgress.standard());
        if (run.listed()) {
            training.concepts(ProjectFiles.home().resolve("concepts/ag-news.txt"));
        }
        return training.run().report();
    }

    private static void save(Path file, Report report) throws IOException {
        Files.createDirectories(file.getParent());
        AtomicFiles.writeString(file, JSON.writeValueAsString(report) + "\n");
    }

    private static List<Run> runs() {
        ConceptConfig base = ConceptConfig.standard().withSeeds(SEEDS, 0);
        List<Run> runs = new ArrayList<>();
        for (Method method : Method.values()) {
            runs.add(new Run(method.id(), base.withMethod(method).withNec(NEC), true));
        }
        runs.add(new Run("sparse-proposed", base.withNec(NEC), false));
        runs.add(new Run("sparse-nec-chosen", base, true));
        for (Method method : Method.values()) {
            if (method.published()) {
                runs.add(new Run(
                        method.id() + "-faithful", base.withMethod(method).withFaithful(true), true));
            }
        }
        return runs;
    }
}
