package dev.lapidary.concept.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class SearchFormulasTest {
    private static final JsonNode GOLDEN = Golden.read("cms.json");
    private static final double[][] ITEMS = Golden.matrix(GOLDEN.get("image_features"));
    private static final double[][] CONCEPTS = Golden.matrix(GOLDEN.get("concept_features"));
    private static final double[][] CLASSES = Golden.matrix(GOLDEN.get("class_features"));

    private static DoubleSearch search(double[][] items, Normalisation normalisation) {
        return new DoubleSearch(items, CONCEPTS, CLASSES, items, normalisation, 0);
    }

    private static void assertClose(double[][] actual, double[][] expected, double tolerance) {
        assertThat(actual).hasDimensions(expected.length, expected[0].length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).containsExactly(expected[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE, none, 1, 1", "ROW, row, 1, 1", "COLUMN, col, 6, 3"})
    void golden_similarities_scores_and_predictions(
            Normalisation normalisation, String key, double items, double classes) {
        JsonNode golden = GOLDEN.get(key);
        DoubleSearch search = search(ITEMS, normalisation);
        // the published division is by sums, ours by means
        double[][] v = DoubleSearch.map(
                search.v, row -> Arrays.stream(row).map(x -> x / items).toArray());
        double[][] t = DoubleSearch.map(
                search.t, row -> Arrays.stream(row).map(x -> x / classes).toArray());
        assertClose(v, Golden.matrix(golden.get("V")), 1e-9);
        assertClose(t, Golden.matrix(golden.get("T")), 1e-9);
        assertClose(search.scores(Rule.COSINE), Golden.matrix(golden.get("cosine_scores")), 1e-9);
        assertClose(search.scores(Rule.CUBED), Golden.matrix(golden.get("cubed_scores")), 1e-9);
        assertThat(DoubleSearch.predictions(search.scores(Rule.COSINE)))
                .isEqualTo(Golden.ints(golden.get("cosine_pred")));
        assertThat(DoubleSearch.predictions(search.scores(Rule.CUBED)))
                .isEqualTo(Golden.ints(golden.get("cubed_pred")));
        assertThat(DoubleSearch.predictions(search.scores(Rule.MAX)))
                .isEqualTo(Golden.ints(golden.get("max_score_pred")));
    }

    @Test
    void column_normalisation_depends_on_the_batch_by_the_golden_amount() {
        JsonNode golden = GOLDEN.get("col_on_first_3_images_only");
        double[][] few = search(Arrays.copyOf(ITEMS, 3), Normalisation.COLUMN).scores(Rule.COSINE);
        double[][] all = search(ITEMS, Normalisation.COLUMN).scores(Rule.COSINE);
        assertClose(few, Golden.matrix(golden.get("cosine_scores")), 1e-9);
        assertThat(DoubleSearch.predictions(few)).isEqualTo(Golden.ints(golden.get("cosine_pred")));
        double change = 0;
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < CLASSES.length; k++) {
                change = Math.max(change, Math.abs(few[i][k] - all[i][k]));
            }
        }
        assertThat(change).isCloseTo(GOLDEN.get("max_abs_change_from_batch").asDouble(), within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(Normalisation.class)
    void scale_rotation_and_concept_order_change_nothing(Normalisation normalisation) {
        int[] order = {3, 0, 6, 1, 5, 2, 4};
        double[][] shuffled = Arrays.stream(order).mapToObj(m -> CONCEPTS[m]).toArray(double[][]::new);
        for (Rule rule : Rule.values()) {
            Variant variant = new Variant(normalisation, rule);
            double[][] plain = DoubleSearch.scores(ITEMS, CONCEPTS, CLASSES, ITEMS, variant, 0);
            assertClose(
                    DoubleSearch.scores(scaled(ITEMS), scaled(CONCEPTS), scaled(CLASSES), scaled(ITEMS), variant, 0),
                    plain,
                    1e-9);
            assertClose(
                    DoubleSearch.scores(
                            rotated(ITEMS), rotated(CONCEPTS), rotated(CLASSES), rotated(ITEMS), variant, 0),
                    plain,
                    1e-9);
            assertClose(DoubleSearch.scores(ITEMS, shuffled, CLASSES, ITEMS, variant, 0), plain, 1e-9);
        }
    }

    @ParameterizedTest
    @EnumSource(Normalisation.class)
    void listing_every_concept_twice_changes_no_cosine(Normalisation normalisation) {
        double[][] twice = Arrays.copyOf(CONCEPTS, 2 * CONCEPTS.length);
        System.arraycopy(CONCEPTS, 0, twice, CONCEPTS.length, CONCEPTS.length);
        Variant variant = new Variant(normalisation, Rule.COSINE);
        assertClose(
                DoubleSearch.scores(ITEMS, twice, CLASSES, ITEMS, variant, 0),
                DoubleSearch.scores(ITEMS, CONCEPTS, CLASSES, ITEMS, variant, 0),
                1e-9);
    }

    @Test
    void inductive_column_equals_column_where_the_training_items_are_the_batch_and_ignores_the_batch_otherwise() {
        Variant inductive = new Variant(Normalisation.INDUCTIVE_COLUMN, Rule.COSINE);
        double[][] all = DoubleSearch.scores(ITEMS, CONCEPTS, CLASSES, ITEMS, inductive, 0);
        assertClose(all, search(ITEMS, Normalisation.COLUMN).scores(Rule.COSINE), 1e-12);
        double[][] few = DoubleSearch.scores(Arrays.copyOf(ITEMS, 3), CONCEPTS, CLASSES, ITEMS, inductive, 0);
        assertThat(few).isDeepEqualTo(Arrays.copyOf(all, 3));
    }

    @Test
    void cubes_of_tiny_and_huge_similarities_neither_vanish_nor_overflow() {
        double[] tiny = {1e-120, 2e-120};
        double[] huge = {1e150, 2e150};
        assertThat(SearchFormulas.score(tiny, huge, Rule.CUBED)).isCloseTo(1, within(1e-12));
    }

    private static double[][] scaled(double[][] rows) {
        double[] factor = {0.5};
        return DoubleSearch.map(rows, row -> {
            factor[0] *= 1.7;
            return Arrays.stream(row).map(x -> x * factor[0]).toArray();
        });
    }

    /** Reflects along two random directions, which together is a rotation. */
    private static double[][] rotated(double[][] rows) {
        Random random = new Random(7);
        double[][] result = rows;
        for (int turn = 0; turn < 2; turn++) {
            double[] normal =
                    SearchFormulas.unit(random.doubles(rows[0].length, -1, 1).toArray());
            result = DoubleSearch.map(result, row -> {
                double along = 2 * SearchFormulas.dot(row, normal);
                double[] mirrored = new double[row.length];
                Arrays.setAll(mirrored, j -> row[j] - along * normal[j]);
                return mirrored;
            });
        }
        return result;
    }
}
