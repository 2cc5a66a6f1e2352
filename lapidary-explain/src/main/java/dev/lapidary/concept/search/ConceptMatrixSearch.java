package dev.lapidary.concept.search;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Classifies items by comparing their similarities to concepts with those of the class names; nothing is trained.
 *
 * <p>With unit embeddings f of an item, c of a concept and g of a class name: {@code V[i][m] = f·c}, {@code T[k][m] = g·c}. V and
 * T are normalised as {@link Normalisation} says; {@link Rule} then compares V's row i with T's row k.
 *
 * <p>Shapes: concepts [M, d], classes [K, d], items [n, d], float32, any positive length (only directions count); similarities
 * and scores are unitless. The matrix V is never held as a whole: the rule cosine folds into products of d x d where M > d, the
 * others work in blocks. An instance is immutable, keeps copies of its own and needs no closing. An item's scores have the same
 * bits whatever batch it stands in and on any number of cores, except for {@link Normalisation#COLUMN}; from one machine to another
 * they differ in the last bits.
 *
 * <p>What differs from the paper: sums are replaced by means, which no rule sees; concepts and rows whose mean similarity is below
 * a floor are not divided by it, because with sentence encoders such means come near 0 or below. The published behaviour is {@link
 * #UNGUARDED}.
 *
 * <p>{@link #DEFAULT_FLOOR} was chosen on validation items only (ag-news, 3 splits, MiniLM; inductive-column-cosine; accuracy
 * without normalisation, then unguarded, floor 0, 0.01, 0.03, 0.05):
 *
 * <pre>
 * 475 concepts    0.770   0.446  0.543  0.760  0.783  0.778
 * 2,400 words     0.613   0.421  0.431  0.597  0.625  0.692
 * 475 words       0.567   0.475  0.489  0.554  0.606  0.644
 * 100 words       0.501   0.335  0.375  0.530  0.498  0.469
 * 60 concepts     0.702   0.492  0.492  0.604  0.701  0.690
 * </pre>
 *
 * <p>0.03 is the one that never loses more than 0.003 to no normalisation. Even there the rules cubed (475 concepts: 0.759) and
 * max (0.634) gain nothing from it over no normalisation (0.777, 0.649).
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class ConceptMatrixSearch {
    /** The smallest mean similarity to divide by; see the class comment for the measurements. */
    public static final double DEFAULT_FLOOR = 0.03;

    /** The published behaviour: divides by whatever comes. */
    public static final double UNGUARDED = Double.NEGATIVE_INFINITY;

    /** What V and T are divided by. */
    public enum Normalisation {
        /** Nothing. */
        NONE,
        /** Each row by its sum over concepts plus 1e-8. */
        ROW,
        /** Each concept by its mean over the items of the batch, and over classes: the published way; depends on the batch. */
        COLUMN,
        /** Each concept by its mean over the training items, and over classes. */
        INDUCTIVE_COLUMN
    }

    /** How an item's row of V is compared with the rows of T. */
    public enum Rule {
        /** Cosine of the rows. */
        COSINE,
        /** Cosine of the rows after cubing each entry. */
        CUBED,
        /** T at the concept where V's row is largest. */
        MAX
    }

    /** One way to classify. */
    public record Variant(Normalisation normalisation, Rule rule) {
        /** The sound default. */
        public static final Variant DEFAULT = new Variant(Normalisation.INDUCTIVE_COLUMN, Rule.COSINE);

        /** Returns all variants, in the order of the enums. */
        public static List<Variant> all() {
            List<Variant> all = new ArrayList<>();
            for (Normalisation normalisation : Normalisation.values()) {
                for (Rule rule : Rule.values()) {
                    all.add(new Variant(normalisation, rule));
                }
            }
            return all;
        }

        /** Name such as {@code inductive-column-cosine}. */
        public String id() {
            return (normalisation + "-" + rule).toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /**
         * Finds a variant by its {@link #id}.
         *
         * @throws InputException naming all variants, where there is none
         */
        public static Variant parse(String id) {
            List<String> names = new ArrayList<>();
            for (Variant variant : all()) {
                if (variant.id().equals(id)) {
                    return variant;
                }
                names.add(variant.id());
            }
            throw new InputException("variant must be one of " + String.join(", ", names) + "; got " + id);
        }
    }

    private final FloatMatrix concepts; // [M, d] unit
    private final FloatMatrix classes; // [K, d] unit
    private final double @Nullable [] itemMean; // [d] over unit training items
    private final double floor;
    private final FloatMatrix similarities; // T [K, M]
    private final double[] classMeans; // [M], T's column means
    private final double[] conceptMean; // [d]
    private final boolean classesFallBack;

    private ConceptMatrixSearch(FloatMatrix concepts, FloatMatrix classes, double @Nullable [] itemMean, double floor) {
        this.concepts = concepts;
        this.classes = classes;
        this.itemMean = itemMean;
        this.floor = floor;
        similarities = similarities(concepts, classes);
        classMeans = concepts.times(classes.meanRow());
        conceptMean = concepts.meanRow();
        classesFallBack = Arrays.stream(classes.times(conceptMean)).anyMatch(mean -> mean < floor);
    }

    private static FloatMatrix similarities(FloatMatrix concepts, FloatMatrix classes) {
        try (Arena arena = Arena.ofShared()) {
            return Products.of(
                    Arena.ofAuto(),
                    (k, to) -> to.copyFrom(classes.part(k, 1).memory()),
                    classes.rows(),
                    concepts.packed(arena));
        }
    }

    /**
     * Stores concepts, class names and, for the inductive variants, the mean of training items.
     *
     * @param concepts [M, d], M at least 1
     * @param classes [K, d], K at least 1
     * @param trainingItems [n, d], or null where no inductive variant will be used
     * @param trainingRows which of them are for training, or null for all
     * @param floor the smallest mean similarity to divide by, such as {@link #DEFAULT_FLOOR}
     * @throws InputException where widths differ, something is empty or an embedding is zero or not finite
     */
    public static ConceptMatrixSearch fit(
            EmbeddingMatrix concepts,
            EmbeddingMatrix classes,
            @Nullable EmbeddingMatrix trainingItems,
            int @Nullable [] trainingRows,
            double floor) {
        requireFloor(floor);
        requireWidth("classes", classes.width(), concepts.width());
        double[] mean = null;
        if (trainingItems != null) {
            requireWidth("items", trainingItems.width(), concepts.width());
            ItemBlocks blocks = new ItemBlocks(trainingItems, trainingRows);
            if (blocks.count() == 0) {
                throw new InputException("training items must be at least 1; got 0");
            }
            mean = blocks.mean();
        }
        return new ConceptMatrixSearch(unit("concepts", concepts), unit("classes", classes), mean, floor);
    }

    private static FloatMatrix unit(String what, EmbeddingMatrix rows) {
        if (rows.rows() == 0) {
            throw new InputException(what + " must be at least 1; got 0");
        }
        FloatMatrix unit = FloatMatrix.allocate(Arena.ofAuto(), rows.rows(), rows.width());
        ItemBlocks source = new ItemBlocks(rows, null);
        for (int i = 0; i < rows.rows(); i++) {
            source.unit(i, unit, i, 1);
        }
        return unit;
    }

    private static void requireWidth(String what, int got, int width) {
        if (got != width) {
            throw new InputException(what + " must have the concepts' width " + width + "; got " + got);
        }
    }

    private static void requireFloor(double floor) {
        if (Double.isNaN(floor)) {
            throw new IllegalArgumentException("floor must be a number; got " + floor);
        }
    }

    /** Number of concepts, M. */
    public int concepts() {
        return concepts.rows();
    }

    /** Width d of the embeddings. */
    public int width() {
        return concepts.width();
    }

    /** Number of classes, K. */
    public int classes() {
        return classes.rows();
    }

    /** The smallest mean similarity to divide by. */
    public double floor() {
        return floor;
    }

    /** Whether training items were given, so that the inductive variants can be used. */
    public boolean inductive() {
        return itemMean != null;
    }

    /**
     * Scores items for every class on all cores.
     *
     * @param items [n, d]
     * @param rows which of them, or null for all
     * @throws InputException where widths differ, an embedding is zero or not finite, or no concept reaches the floor
     */
    public SearchResult classify(EmbeddingMatrix items, int @Nullable [] rows, Variant variant) {
        requireWidth("items", items.width(), concepts.width());
        ItemBlocks blocks = new ItemBlocks(items, rows);
        ColumnScale scale = scaleFor(variant, blocks);
        long size = (long) blocks.count() * classes();
        if (size > Integer.MAX_VALUE - 8) {
            throw new InputException("items x classes must be below 2^31; got " + size + ": classify in parts");
        }
        float[] scores = new float[(int) size]; // [n, K]
        RowDivision division = new RowDivision(blocks, conceptMean, concepts(), floor);
        try (Arena arena = Arena.ofShared()) {
            BlockRule rule = ruleFor(variant, scale, arena);
            boolean byRows = variant.normalisation() == Normalisation.ROW;
            blocks.forEach(own -> byRows ? division.before(rule.step(own, scores), own) : rule.step(own, scores));
        }
        boolean classesFellBack = variant.normalisation() == Normalisation.ROW && classesFallBack;
        return new SearchResult(variant, scores, classes(), scale, division.fallbackItems(), classesFellBack);
    }

    private ColumnScale scaleFor(Variant variant, ItemBlocks batch) {
        return switch (variant.normalisation()) {
            case NONE, ROW -> ColumnScale.none(concepts());
            case COLUMN ->
                batch.count() == 0
                        ? ColumnScale.none(concepts())
                        : ColumnScale.of(concepts.times(batch.mean()), classMeans, floor);
            case INDUCTIVE_COLUMN -> inductiveScale();
        };
    }

    private ColumnScale inductiveScale() {
        if (itemMean == null) {
            throw new IllegalStateException("an inductive variant must have training items at fit; got none");
        }
        return ColumnScale.of(concepts.times(itemMean), classMeans, floor);
    }

    private BlockRule ruleFor(Variant variant, ColumnScale scale, Arena arena) {
        FloatMatrix weighted = scale.weighted(arena, concepts);
        FloatMatrix prepared = FloatMatrix.allocate(arena, classes(), weighted.rows()); // [K, M']
        for (int k = 0; k < classes(); k++) {
            double[] row = normalisedClass(k, variant, scale);
            prepared.setRow(
                    k,
                    switch (variant.rule()) {
                        case COSINE -> SearchFormulas.unit(row);
                        case CUBED -> SearchFormulas.unit(SearchFormulas.cubed(row));
                        case MAX -> row;
                    });
        }
        return BlockRule.of(arena, variant.rule(), weighted, prepared);
    }

    private double[] normalisedClass(int classIndex, Variant variant, ColumnScale scale) {
        double[] row = similarities.row(classIndex);
        return variant.normalisation() == Normalisation.ROW && !classesFallBack
                ? SearchFormulas.dividedBySum(row)
                : scale.ofClass(row);
    }

    private double[] normalisedItem(float[] item, Variant variant, ColumnScale scale) {
        requireWidth("item", item.length, concepts.width());
        UnitVector.requireFinite(item);
        double[] embedding = new double[item.length];
        for (int i = 0; i < item.length; i++) {
            embedding[i] = item[i];
        }
        double[] row = concepts.times(SearchFormulas.unit(embedding));
        return variant.normalisation() == Normalisation.ROW && SearchFormulas.mean(row) >= floor
                ? SearchFormulas.dividedBySum(row)
                : scale.item(row);
    }

    /**
     * Splits an item's score for a class over the concepts, in float64.
     *
     * @param item [d]
     * @return [M]; sums to the score (for cosine and cubed, of the rows' products; for max, all on the nearest concept); 0 where a
     *     concept was dropped
     * @throws IllegalArgumentException for {@link Normalisation#COLUMN}, whose score depends on the batch
     */
    public double[] contributions(float[] item, int classIndex, Variant variant) {
        return contributions(item, classIndex, variant, scaleWithoutBatch(variant));
    }

    /** Splits an item's score for a class within a batch that was classified here over the concepts, in float64, [M]. */
    public double[] contributions(float[] item, int classIndex, SearchResult batch) {
        return contributions(item, classIndex, batch.variant(), batch.scale());
    }

    private double[] contributions(float[] item, int classIndex, Variant variant, ColumnScale scale) {
        double[] kept = SearchFormulas.contributions(
                normalisedItem(item, variant, scale), normalisedClass(classIndex, variant, scale), variant.rule());
        double[] all = new double[concepts()];
        for (int j = 0; j < kept.length; j++) {
            all[scale.kept()[j]] = kept[j];
        }
        return all;
    }

    /**
     * Scores one item by the float64 definition, [K].
     *
     * @throws IllegalArgumentException for {@link Normalisation#COLUMN}, whose score depends on the batch
     */
    public double[] scores(float[] item, Variant variant) {
        return scores(item, variant, scaleWithoutBatch(variant));
    }

    /** Scores an item of a batch that was classified here by the float64 definition, [K]. */
    public double[] scores(float[] item, SearchResult batch) {
        return scores(item, batch.variant(), batch.scale());
    }

    private double[] scores(float[] item, Variant variant, ColumnScale scale) {
        double[] row = normalisedItem(item, variant, scale);
        double[] scores = new double[classes()];
        Arrays.setAll(scores, k -> SearchFormulas.score(row, normalisedClass(k, variant, scale), variant.rule()));
        return scores;
    }

    private ColumnScale scaleWithoutBatch(Variant variant) {
        return switch (variant.normalisation()) {
            case NONE, ROW -> ColumnScale.none(concepts());
            case INDUCTIVE_COLUMN -> inductiveScale();
            case COLUMN ->
                throw new IllegalArgumentException(
                        "a score of variant " + variant.id() + " must be asked for with its batch; got one item");
        };
    }

    /**
     * Says how unevenly items fall on concepts and classes.
     *
     * @param neighbours how many nearest concepts of each item are counted, 1 or more
     */
    public Hubness hubness(EmbeddingMatrix items, int @Nullable [] rows, Variant variant, int neighbours) {
        SearchResult result = classify(items, rows, variant);
        try (Arena arena = Arena.ofShared()) {
            FloatMatrix weighted = result.scale().weighted(arena, concepts);
            return Hubness.of(weighted.packed(arena), result, new ItemBlocks(items, rows), neighbours);
        }
    }

    /** Returns all that {@link #restore} needs: concepts and classes as unit vectors (F32), statistics in F64. */
    public List<TensorView> tensors() {
        List<TensorView> tensors = new ArrayList<>();
        tensors.add(SavedTensors.view("concepts", concepts));
        tensors.add(SavedTensors.view("classes", classes));
        tensors.add(TensorView.of("floor", new double[] {floor}, 1));
        if (itemMean != null) {
            tensors.add(TensorView.of("item_mean", itemMean, itemMean.length));
        }
        return tensors;
    }

    /**
     * Makes the instance whose {@link #tensors} these are; on the same machine it gives the same scores to the last bit.
     *
     * @throws InputException where a tensor is missing or has the wrong type or shape
     */
    public static ConceptMatrixSearch restore(Map<String, TensorView> tensors) {
        FloatMatrix concepts = SavedTensors.matrix(tensors, "concepts");
        FloatMatrix classes = SavedTensors.matrix(tensors, "classes");
        requireWidth("classes", classes.width(), concepts.width());
        double floor = SavedTensors.doubles(tensors, "floor", 1)[0];
        double[] mean =
                tensors.containsKey("item_mean") ? SavedTensors.doubles(tensors, "item_mean", concepts.width()) : null;
        return new ConceptMatrixSearch(concepts, classes, mean, floor);
    }
}
