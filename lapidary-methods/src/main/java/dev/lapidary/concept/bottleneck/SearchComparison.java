package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.search.ConceptMatrixSearch;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.concept.search.Hubness;
import dev.lapidary.concept.search.SearchResult;
import dev.lapidary.data.Dataset;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.Split;
import dev.lapidary.data.SplitShares;
import dev.lapidary.data.Splits;
import dev.lapidary.encode.ZeroShot;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the variants of Concept Matrix Search with zero-shot classification, which takes the class whose name is nearest: what
 * {@code concepts search} does. Column means of the inductive variants are those of a training part; all are judged on the other items.
 *
 * <pre>{@code
 * SearchComparison.Result result = SearchComparison.of(items, matrix)
 *         .concepts(concepts, conceptVectors)
 *         .classNames(classVectors)
 *         .run();
 * }</pre>
 *
 * <p>Shapes: items [n, d], concepts [M, d], class names [K, d]. All matrices stay the caller's to close.
 */
public final class SearchComparison {
    private static final int NEIGHBOURS = 10;

    private final Dataset items;
    private final EmbeddingMatrix matrix; // [n, d]
    private List<Variant> variants = Variant.all();
    private double floor = ConceptMatrixSearch.DEFAULT_FLOOR;
    private long seed;
    private @Nullable ConceptSet concepts;
    private @Nullable EmbeddingMatrix conceptVectors; // [M, d]
    private @Nullable EmbeddingMatrix classVectors; // [K, d]
    private Cancellation cancellation = Cancellation.none();

    private SearchComparison(Dataset items, EmbeddingMatrix matrix) {
        this.items = items;
        this.matrix = matrix;
    }

    /**
     * One variant's figures on the items judged.
     *
     * @param droppedConcepts concepts whose mean is below the floor
     * @param fallbackItems items whose mean is, and which are not divided by it
     * @param classesFellBack whether class names are not divided either
     */
    public record Found(
            String variant,
            double accuracy,
            double macroF1,
            int droppedConcepts,
            int fallbackItems,
            boolean classesFellBack,
            Hub hubness) {}

    /** Which concept and class attract the most items. */
    public record Hub(
            String nearestConcept,
            double nearestShare,
            String predictedClass,
            double predictedShare,
            double skewness) {}

    /**
     * What was found.
     *
     * @param zeroShot of the class whose name is nearest
     * @param concepts M
     * @param classes K
     * @param examples number of items judged
     * @param floor below which means do not divide
     */
    public record Result(
            List<Found> variants, Evaluation zeroShot, int concepts, int classes, int examples, double floor) {
        /** Copies the list. */
        public Result {
            variants = List.copyOf(variants);
        }
    }

    /** Begins with labelled items and their embeddings [n, d]. */
    public static SearchComparison of(Dataset items, EmbeddingMatrix matrix) {
        return new SearchComparison(items, matrix);
    }

    /** Sets the concepts and their embeddings [M, d]. */
    public SearchComparison concepts(ConceptSet named, EmbeddingMatrix vectors) {
        concepts = named;
        conceptVectors = vectors;
        return this;
    }

    /** Sets the embeddings of the class names [K, d], in the order of the items' classes. */
    public SearchComparison classNames(EmbeddingMatrix vectors) {
        classVectors = vectors;
        return this;
    }

    /** Sets the variants to compare; by default all. */
    public SearchComparison variants(List<Variant> chosen) {
        variants = List.copyOf(chosen);
        return this;
    }

    /** Sets the mean below which columns and rows are not divided; negative infinity: the published behaviour. */
    public SearchComparison floor(double least) {
        if (Double.isNaN(least)) {
            throw new InputException("floor must be a number; got " + least);
        }
        floor = least;
        return this;
    }

    /** Sets the seed that draws the training part; by default 0. */
    public SearchComparison seed(long of) {
        seed = of;
        return this;
    }

    /** Stops where this asks to, between variants. */
    public SearchComparison cancellation(Cancellation flag) {
        cancellation = flag;
        return this;
    }

    /** Returns how {@link #run} divides the items; concepts may be proposed and filtered on the training part. */
    public Split split() {
        return Splits.draw(items, seed, SplitShares.DEFAULT);
    }

    /**
     * Classifies and judges.
     *
     * @throws InputException where shapes do not fit, or no concept of a single variant reaches the floor
     */
    public Result run() {
        if (concepts == null || conceptVectors == null || classVectors == null) {
            throw new IllegalStateException("a search must have concepts and class names; got none");
        }
        Split split = split();
        int[] judged = IntStream.concat(Arrays.stream(split.validation()), Arrays.stream(split.test()))
                .sorted()
                .toArray();
        int[] labels = Arrays.stream(judged).map(items::label).toArray();
        var search = ConceptMatrixSearch.fit(conceptVectors, classVectors, matrix, split.train(), floor);
        List<Found> found = new ArrayList<>();
        for (Variant each : variants) {
            cancellation.check();
            found.add(judge(search, each, judged, labels, concepts));
        }
        int k = items.classes().size();
        Evaluation zeroShot = Evaluation.of(labels, ZeroShot.nearest(matrix, judged, classVectors), k);
        return new Result(found, zeroShot, concepts.size(), k, judged.length, floor);
    }

    private Found judge(ConceptMatrixSearch search, Variant each, int[] judged, int[] labels, ConceptSet kept) {
        SearchResult result = search.classify(matrix, judged, each);
        Evaluation evaluation =
                Evaluation.of(labels, result.predictions(), items.classes().size());
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
                        items.classes().get(hubs.predictedClass()),
                        hubs.predictedShare(),
                        hubs.skewness()));
    }
}
