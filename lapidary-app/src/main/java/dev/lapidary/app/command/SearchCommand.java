package dev.lapidary.app.command;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.Hubness;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.concept.vocabulary.ConceptFilters;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import dev.lapidary.data.SplitShares;
import dev.lapidary.data.Splits;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
    private static final int NEIGHBOURS = 10;

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

    /** One variant's figures. */
    private record Found(
            String variant,
            double accuracy,
            double macroF1,
            int droppedConcepts,
            int fallbackItems,
            boolean classesFellBack,
            Hub hubness) {}

    /** Which concept and class attract the most items. */
    private record Hub(
            String nearestConcept,
            double nearestShare,
            String predictedClass,
            double predictedShare,
            double skewness) {}

    private record Comparison(List<Found> variants, Evaluation zeroShot, int concepts, int classes, int examples) {}

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
            Split split = Splits.draw(items, seed, SplitShares.DEFAULT);
            var scope = new SearchVocabulary.Scope(items, matrix.rows(), split.train());
            try (SearchVocabulary words = SearchVocabulary.of(concepts, limits, scope, names, output)) {
                Comparison comparison = compare(scope, split, words, variants);
                return output.result(() -> text(comparison), () -> json(comparison, Durations.since(begin), read));
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

    private Comparison compare(
            SearchVocabulary.Scope scope, Split split, SearchVocabulary words, List<Variant> variants) {
        Dataset items = scope.items();
        int[] judged = IntStream.concat(Arrays.stream(split.validation()), Arrays.stream(split.test()))
                .sorted()
                .toArray();
        int[] labels = Arrays.stream(judged).map(items::label).toArray();
        var search =
                ConceptMatrixSearch.fit(words.vectors(), words.classVectors(), scope.matrix(), split.train(), floor);
        List<Found> found = new ArrayList<>();
        for (Variant each : variants) {
            output.cancellation().check();
            found.add(judge(search, each, scope.matrix(), judged, labels, items.classes(), words.concepts()));
        }
        int[] nearest = nearest(scope.matrix(), judged, words.classVectors());
        int k = items.classes().size();
        return new Comparison(
                found, Evaluation.of(labels, nearest, k), words.concepts().size(), k, judged.length);
    }

    private Found judge(
            ConceptMatrixSearch search,
            Variant each,
            EmbeddingMatrix matrix,
            int[] judged,
            int[] labels,
            List<String> classes,
            ConceptSet kept) {
        SearchResult result = search.classify(matrix, judged, each);
        Evaluation evaluation = Evaluation.of(labels, result.predictions(), classes.size());
        Hubness hubs = search.hubness(matrix, judged, each, NEIGHBOURS);
        return new Found(
                each.id(),
                evaluation.accuracy(),
                evaluation.macroF1(),
                result.droppedConcepts().length,
                result.fallbackItems().length,
                result.classesFellBack(),
                new Hub(
                        kept.names().get(hubs.nearestConcept()),
                        hubs.nearestShare(),
                        classes.get(hubs.predictedClass()),
                        hubs.predictedShare(),
                        hubs.skewness()));
    }

    /** Zero-shot: the class whose name is most similar. */
    private static int[] nearest(EmbeddingMatrix items, int[] rows, EmbeddingMatrix classes) {
        float[][] names = new float[classes.rows()][];
        Arrays.setAll(names, classes::row);
        double[] lengths =
                Arrays.stream(names).mapToDouble(v -> Math.sqrt(dot(v, v))).toArray();
        int[] nearest = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            float[] item = items.row(rows[i]);
            double best = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < names.length; k++) {
                double similarity = dot(item, names[k]) / lengths[k];
                if (similarity > best) {
                    best = similarity;
                    nearest[i] = k;
                }
            }
        }
        return nearest;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (double) a[j] * b[j];
        }
        return sum;
    }

    private String text(Comparison comparison) {
        TextTable table = new TextTable()
                .row("variant", "accuracy", "macro F1", "dropped", "not divided", "nearest hub", "skewness");
        table.row(
                "zero-shot",
                ReportView.percent(comparison.zeroShot().accuracy()),
                ReportView.percent(comparison.zeroShot().macroF1()));
        for (Found found : comparison.variants()) {
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
                floor,
                table);
    }

    private Map<String, Object> json(Comparison comparison, double seconds, ReadItems read) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("variants", comparison.variants());
        object.put(
                "zeroShot",
                Map.of(
                        "accuracy", comparison.zeroShot().accuracy(),
                        "macroF1", comparison.zeroShot().macroF1()));
        object.put("concepts", comparison.concepts());
        object.put("classes", comparison.classes());
        object.put("examples", comparison.examples());
        object.put("floor", floor);
        object.put("seconds", seconds);
        object.putAll(read.fields());
        return object;
    }
}
