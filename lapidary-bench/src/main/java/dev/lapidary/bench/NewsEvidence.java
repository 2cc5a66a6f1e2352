package dev.lapidary.bench;

import dev.lapidary.app.TerminalProgress;
import dev.lapidary.concept.bottleneck.ConceptTraining;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.DataReader;
import dev.lapidary.data.DataSource;
import dev.lapidary.data.Dataset;
import dev.lapidary.encode.EmbeddingCache;
import dev.lapidary.encode.OnnxTextEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every concept method on AG's News, 5 seeds, as data under docs/evidence/ag-news: one file a run, so that an interrupted evidence
 * goes on with the runs that are missing. Delete a file to measure it again.
 */
final class NewsEvidence implements Benchmark {
    static final String FOLDER = "docs/evidence/ag-news";
    private static final String LIST = "concepts/ag-news.txt";
    private static final String PROPOSED = ""; // no list

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
            result.putAll(ConceptRuns.run(name(), folder, runs(), run -> train(run, news, encoder)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        result.put("folder", folder.toString());
        return result;
    }

    private static Report train(ConceptRuns.Run run, Dataset news, TextEncoder encoder) {
        ConceptTraining training =
                ConceptTraining.of(news, encoder).config(run.config()).progress(TerminalProgress.standard());
        if (!run.concepts().equals(PROPOSED)) {
            training.concepts(ProjectFiles.home().resolve(run.concepts()))
                    .filters(ConceptFilters.Settings.defaults()); // as when the stored runs were made
        }
        return training.run().report();
    }

    private static List<ConceptRuns.Run> runs() {
        ConceptConfig base = ConceptConfig.defaults().withSeeds(ConceptRuns.SEEDS, 0);
        List<ConceptRuns.Run> runs = new ArrayList<>(ConceptRuns.methods(LIST));
        runs.add(new ConceptRuns.Run("sparse-proposed", base.withNec(10), PROPOSED));
        runs.add(new ConceptRuns.Run("sparse-nec-chosen", base, LIST));
        return runs;
    }
}
