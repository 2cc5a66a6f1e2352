package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.SearchComparison;
import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the variants of Concept Matrix Search with zero-shot classification. */
@Command(
        name = "search",
        sortOptions = false,
        description = {
            "Classifies by Concept Matrix Search, which trains nothing, in one or all variants beside zero-shot classification.",
            "The inductive variants take their column means from a training part; all are judged on the other items.",
            "JSON: variants (variant, accuracy, macroF1, droppedConcepts, fallbackItems, classesFellBack, hubness), zeroShot, "
                    + "concepts, classes, examples, floor, seconds; skipped with --images."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary concepts search --data news.csv --concepts concepts.txt",
            "  lapidary concepts search --data news.csv --variant inductive-column-cosine --json",
            "  lapidary concepts search --images photos --encoder clip-vit-base-patch32 --concepts concepts.txt",
        })
final class SearchCommand implements Callable<Integer> {
    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private ConceptOptions concepts = new ConceptOptions();

    @Option(
            names = "--variant",
            paramLabel = "ID",
            description = "all (default), or one: (none|row|column|inductive-column)-(cosine|cubed|max).")
    private String variant = "all";

    @Option(
            names = "--floor",
            paramLabel = "X",
            description =
                    "Columns and rows whose mean similarity is below this are not divided by it; -Infinity: the published "
                            + "behaviour. Default: " + ConceptMatrixSearch.DEFAULT_FLOOR + ".")
    private double floor = ConceptMatrixSearch.DEFAULT_FLOOR;

    @Option(names = "--seed", paramLabel = "N", description = "Draws the training part. Default: 0.")
    private long seed;

    @Mixin
    private EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private PromptOptions prompts = new PromptOptions();

    @Mixin
    private FilterOptions filters = new FilterOptions();

    @Mixin
    private Output output;

    SearchCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        long begin = System.nanoTime();
        List<Variant> variants = variant.equals("all") ? Variant.all() : List.of(Variant.parse(variant));
        if (Double.isNaN(floor)) {
            throw new InputException("--floor must be a number; got " + floor);
        }
        concepts.requireSound();
        ConceptFilters.Settings limits = filters.settings(concepts, encoder);
        data.requireSound();
        prompts.requireSound();
        try (ReadItems read = ReadItems.toLearnFrom(data, encoder, true, output);
                TextEncoder own = needsEncoder(read) ? encoder.open() : null;
                ItemMatrix matrix = ItemMatrix.of(read.data(), own, output)) {
            Dataset items = read.data();
            output.warnings(items.warnings());
            TextEncoder opened = read.images() == null ? own : read.images();
            List<String> templates = prompts.templates(opened, items, output);
            TextEncoder names = opened == null ? null : PromptEncoder.of(opened, templates);
            SearchComparison search = SearchComparison.of(items, matrix.rows())
                    .variants(variants)
                    .floor(floor)
                    .seed(seed)
                    .cancellation(output.cancellation());
            int[] training = search.split().train();
            var scope = new SearchVocabulary.Scope(items, matrix.rows(), training);
            try (SearchVocabulary words = SearchVocabulary.of(concepts, limits, scope, names, output)) {
                SearchComparison.Result result = search.concepts(words.concepts(), words.vectors())
                        .classNames(words.classVectors())
                        .run();
                return output.result(() -> text(result), () -> json(result, Durations.since(begin), read));
            }
        }
    }

    private boolean needsEncoder(ReadItems read) {
        return read.images() == null && (read.data().hasTexts() || encoder.given() || !concepts.embedded());
    }

    private record ItemMatrix(EmbeddingMatrix rows, boolean own) implements AutoCloseable {
        static ItemMatrix of(Dataset items, @Nullable TextEncoder encoder, Output output) {
            if (items.hasTexts() && encoder != null) {
                EncodedTexts encoded = encoder.encode(items.texts(), output.progress());
                output.warnings(encoded.warnings(encoder, items.texts()));
                return new ItemMatrix(encoded.embeddings(), true);
            }
            EmbeddingMatrix given = items.embeddings().orElseThrow();
            if (encoder != null && given.width() != encoder.width()) {
                throw new InputException("embeddings must have the width of the encoder " + encoder.name() + ", "
                        + encoder.width() + "; got " + given.width());
            }
            return new ItemMatrix(given, false);
        }

        @Override
        public void close() {
            if (own) {
                rows.close();
            }
        }
    }

    private String text(SearchComparison.Result comparison) {
        TextTable table = new TextTable()
                .row("variant", "accuracy", "macro F1", "dropped", "not divided", "nearest hub", "skewness");
        table.row(
                "zero-shot",
                ReportView.percent(comparison.zeroShot().accuracy()),
                ReportView.percent(comparison.zeroShot().macroF1()));
        for (SearchComparison.Found found : comparison.variants()) {
            table.row(
                    found.variant(),
                    ReportView.percent(found.accuracy()),
                    ReportView.percent(found.macroF1()),
                    Integer.toString(found.droppedConcepts()),
                    found.fallbackItems() + (found.classesFellBack() ? " + classes" : ""),
                    found.hubness().nearestConcept() + " "
                            + ReportView.percent(found.hubness().nearestShare()),
                    String.format(Locale.ROOT, "%.1f", found.hubness().skewness()));
        }
        return String.format(
                Locale.ROOT,
                "%d items judged, %d classes, %d concepts, floor %s%n%n%s%n"
                        + "dropped: concepts whose mean is below the floor; not divided: items whose mean is.%n",
                comparison.examples(),
                comparison.classes(),
                comparison.concepts(),
                comparison.floor(),
                table);
    }

    private Map<String, Object> json(SearchComparison.Result comparison, double seconds, ReadItems read) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("variants", comparison.variants());
        Map<String, Object> zeroShot = new LinkedHashMap<>();
        zeroShot.put("accuracy", comparison.zeroShot().accuracy());
        zeroShot.put("macroF1", comparison.zeroShot().macroF1());
        object.put("zeroShot", zeroShot);
        object.put("concepts", comparison.concepts());
        object.put("classes", comparison.classes());
        object.put("examples", comparison.examples());
        object.put("floor", comparison.floor());
        object.put("seconds", seconds);
        object.putAll(read.fields());
        return object;
    }
}
