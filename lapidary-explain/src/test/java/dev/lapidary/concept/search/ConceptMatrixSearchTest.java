package dev.lapidary.concept.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Rule;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.tolerance.Rounding;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ConceptMatrixSearchTest {
    /** Of scores, which are at most 1, after sums over up to 130 coordinates and as many concepts, and some single operations. */
    private static final double TOLERANCE = Rounding.float32(130 + 130 + 20, 1);

    static Stream<Variant> variants() {
        return Variant.all().stream();
    }

    private static ConceptMatrixSearch fit(double[][] concepts, double[][] classes, double[][] training, double floor) {
        try (EmbeddingMatrix c = Golden.embeddings(concepts);
                EmbeddingMatrix g = Golden.embeddings(classes);
                EmbeddingMatrix f = Golden.embeddings(training)) {
            return ConceptMatrixSearch.fit(c, g, f, null, floor);
        }
    }

    private static SearchResult classify(ConceptMatrixSearch search, double[][] items, Variant variant) {
        try (EmbeddingMatrix f = Golden.embeddings(items)) {
            return search.classify(f, null, variant);
        }
    }

    private static double accuracy(int[] predictions, int[] labels) {
        return (double) IntStream.range(0, labels.length)
                        .filter(i -> predictions[i] == labels[i])
                        .count()
                / labels.length;
    }

    /** Asserts equal scores and, but for ties closer than the tolerance, equal predictions. */
    private static void assertAgrees(SearchResult fast, double[][] expected, double tolerance) {
        assertThat(fast.items()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < expected[i].length; k++) {
                assertThat((double) fast.score(i, k))
                        .as("item %d class %d", i, k)
                        .isCloseTo(expected[i][k], within(tolerance));
            }
            int best = SearchFormulas.argmax(expected[i]);
            assertThat(expected[i][best] - expected[i][fast.predictions()[i]]).isLessThan(2 * tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"NONE, none", "ROW, row", "COLUMN, col", "INDUCTIVE_COLUMN, col"})
    void golden_scores_and_predictions_on_the_fast_path(Normalisation normalisation, String key) {
        JsonNode golden = Golden.read("cms.json");
        double[][] items = Golden.matrix(golden.get("image_features"));
        ConceptMatrixSearch search = fit(
                Golden.matrix(golden.get("concept_features")), Golden.matrix(golden.get("class_features")), items, 0);
        SearchResult cosine = classify(search, items, new Variant(normalisation, Rule.COSINE));
        SearchResult cubed = classify(search, items, new Variant(normalisation, Rule.CUBED));
        SearchResult max = classify(search, items, new Variant(normalisation, Rule.MAX));
        assertAgrees(cosine, Golden.matrix(golden.get(key).get("cosine_scores")), TOLERANCE);
        assertAgrees(cubed, Golden.matrix(golden.get(key).get("cubed_scores")), TOLERANCE);
        assertThat(cosine.predictions()).isEqualTo(Golden.ints(golden.get(key).get("cosine_pred")));
        assertThat(cubed.predictions()).isEqualTo(Golden.ints(golden.get(key).get("cubed_pred")));
        assertThat(max.predictions()).isEqualTo(Golden.ints(golden.get(key).get("max_score_pred")));
    }

    @ParameterizedTest
    @CsvSource({"none, none", "row, row", "column, col"})
    void small_data_set_has_the_golden_accuracies_and_predictions(String normalisation, String key) {
        JsonNode data = Golden.read("small-dataset.json");
        double[][] items = Golden.matrix(data.get("test_embeddings"));
        int[] labels = Golden.ints(data.get("test_labels"));
        JsonNode expected = data.get("expected");
        ConceptMatrixSearch search = fit(
                Golden.matrix(data.get("concept_embeddings")),
                Golden.matrix(data.get("class_embeddings")),
                Golden.matrix(data.get("train_embeddings")),
                0);
        int[] cosine = classify(search, items, Variant.parse(normalisation + "-cosine"))
                .predictions();
        int[] max =
                classify(search, items, Variant.parse(normalisation + "-max")).predictions();
        assertThat(cosine).isEqualTo(Golden.ints(expected.get("cms_" + key + "_pred")));
        assertThat(accuracy(cosine, labels))
                .isEqualTo(expected.get("cms_" + key + "_acc").asDouble());
        assertThat(accuracy(max, labels))
                .isEqualTo(expected.get("cms_" + key + "_max_acc").asDouble());
    }

    @Test
    void the_class_names_as_concepts_with_the_rule_max_are_zero_shot_classification() {
        JsonNode golden = Golden.read("cms.json");
        double[][] classes = Golden.matrix(golden.get("class_features"));
        double[][] items = Golden.matrix(golden.get("image_features"));
        SearchResult result = classify(fit(classes, classes, items, 0), items, Variant.parse("none-max"));
        assertThat(result.predictions()).isEqualTo(Golden.ints(golden.get("zero_shot_pred")));
    }

    /** Odd sizes on both sides of every branch: more and fewer concepts than dimensions, whole and broken blocks. */
    @ParameterizedTest
    @MethodSource("variants")
    void fast_path_agrees_with_the_definition_at_odd_sizes(Variant variant) {
        int[][] sizes = {{1, 1, 1, 1}, {5, 3, 2, 7}, {259, 37, 5, 19}, {515, 61, 17, 130}, {31, 130, 3, 129}};
        for (int[] size : sizes) {
            double[][] items = Golden.random(size[0], size[1], 1.5, 1);
            double[][] concepts = Golden.random(size[3], size[1], 1.5, 2);
            double[][] classes = Golden.random(size[2], size[1], 1.5, 3);
            double[][] training = Golden.random(40, size[1], 1.5, 4);
            double floor = size[0] == 1 ? ConceptMatrixSearch.UNGUARDED : 0.1;
            double[][] expected = DoubleSearch.scores(items, concepts, classes, training, variant, floor);
            double tolerance = 3 * TOLERANCE; // dividing by means magnifies
            assertAgrees(classify(fit(concepts, classes, training, floor), items, variant), expected, tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void unguarded_division_by_negative_sums_is_reproduced(Variant variant) {
        double[][] items = Golden.random(90, 24, 0, 11);
        double[][] concepts = Golden.random(12, 24, 0, 12);
        double[][] classes = Golden.random(4, 24, 0, 13);
        double floor = ConceptMatrixSearch.UNGUARDED;
        SearchResult result = classify(fit(concepts, classes, items, floor), items, variant);
        double[][] expected = DoubleSearch.scores(items, concepts, classes, items, variant, floor);
        for (int i = 0; i < items.length; i++) {
            for (int k = 0; k < classes.length; k++) {
                double tolerance = 1e-4 * (1 + Math.abs(expected[i][k])); // a sum near 0 magnifies rounding
                assertThat((double) result.score(i, k)).isCloseTo(expected[i][k], within(tolerance));
            }
        }
        assertThat(result.droppedConcepts()).isEmpty();
        assertThat(result.fallbackItems()).isEmpty();
    }

    /**
     * Holds on every processor and under every setting of OpenBLAS: no product is PyTorch's, which the table of packages in
     * ArchitectureTest keeps so, and those of RowProducts have one order of adding, which its own test holds.
     */
    @ParameterizedTest
    @MethodSource("variants")
    void an_item_gets_the_same_bits_in_any_batch_but_with_column_normalisation(Variant variant) {
        double[][] items = Golden.random(300, 33, 1, 21);
        ConceptMatrixSearch search = fit(Golden.random(70, 33, 1, 22), Golden.random(5, 33, 1, 23), items, 0.05);
        SearchResult all = classify(search, items, variant);
        for (int[] rows :
                new int[][] {{299, 7, 123}, {95}, IntStream.range(40, 300).toArray()}) {
            SearchResult few;
            try (EmbeddingMatrix f = Golden.embeddings(items)) {
                few = search.classify(f, rows, variant);
            }
            boolean same =
                    IntStream.range(0, rows.length).allMatch(i -> Arrays.equals(few.scores(i), all.scores(rows[i])));
            assertThat(same).isEqualTo(variant.normalisation() != Normalisation.COLUMN);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void contributions_sum_to_the_score(Variant variant) {
        double[][] items = Golden.random(20, 16, 1, 31);
        double[][] concepts = Golden.random(50, 16, 0.5, 32);
        double[][] classes = Golden.random(3, 16, 1, 33);
        ConceptMatrixSearch search = fit(concepts, classes, items, 0.05);
        SearchResult batch = classify(search, items, variant);
        double[][] expected = DoubleSearch.scores(items, concepts, classes, items, variant, 0.05);
        for (int i = 0; i < items.length; i++) {
            float[] item = Golden.floats(items[i]);
            double[] scores = search.scores(item, batch);
            for (int k = 0; k < classes.length; k++) {
                double[] parts = search.contributions(item, k, batch);
                assertThat(parts).hasSize(concepts.length);
                assertThat(Arrays.stream(parts).sum()).isCloseTo(scores[k], within(1e-9));
                assertThat(scores[k]).isCloseTo(expected[i][k], within(TOLERANCE));
                assertThat(scores[k]).isCloseTo(batch.score(i, k), within(TOLERANCE));
                for (int dropped : batch.droppedConcepts()) {
                    assertThat(parts[dropped]).isZero();
                }
                if (variant.rule() == Rule.MAX) {
                    assertThat(parts)
                            .satisfies(p -> assertThat(Arrays.stream(p).filter(x -> x != 0))
                                    .hasSize(1));
                }
            }
        }
    }

    @Test
    void an_item_that_is_not_finite_is_refused() {
        ConceptMatrixSearch search =
                fit(Golden.random(5, 4, 1, 1), Golden.random(2, 4, 1, 2), Golden.random(3, 4, 1, 3), 0);
        Variant variant = Variant.parse("none-cosine");
        float[] item = {1, 2, Float.NaN, 4};
        assertThatThrownBy(() -> search.scores(item, variant))
                .isInstanceOf(InputException.class)
                .hasMessage("embeddings must be finite; got NaN in column 3");
        item[2] = Float.NEGATIVE_INFINITY;
        assertThatThrownBy(() -> search.contributions(item, 0, variant))
                .isInstanceOf(InputException.class)
                .hasMessage("embeddings must be finite; got -Infinity in column 3");
    }

    @Test
    void contributions_of_column_normalisation_need_the_batch() {
        ConceptMatrixSearch search =
                fit(Golden.random(5, 4, 1, 1), Golden.random(2, 4, 1, 2), Golden.random(3, 4, 1, 3), 0);
        assertThatThrownBy(() -> search.contributions(new float[] {1, 2, 3, 4}, 0, Variant.parse("column-cosine")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be asked for with its batch; got one item");
    }

    @Test
    void concepts_and_rows_below_the_floor_are_counted() {
        double[][] concepts = {{1, 0, 0}, {1, 0.1, 0}, {0, 0, 1}, {-1, 0.2, 0}
        }; // the third is orthogonal, the last opposite
        double[][] classes = {{1, 0.3, 0}, {1, -0.2, 0}};
        double[][] items = {{1, 0.1, 0}, {0.9, 0, 0.05}, {-1, 0.1, 0}, {1, 0, 0.02}};
        ConceptMatrixSearch search = fit(concepts, classes, items, 0.1);
        SearchResult column = classify(search, items, Variant.parse("inductive-column-cosine"));
        assertThat(column.droppedConcepts()).containsExactly(2, 3);
        assertThat(column.fallbackItems()).isEmpty();
        double[][] kept = {concepts[0], concepts[1]};
        SearchResult without =
                classify(fit(kept, classes, items, 0.1), items, Variant.parse("inductive-column-cosine"));
        for (int i = 0; i < items.length; i++) {
            assertThat(column.scores(i)).containsExactly(without.scores(i), within(1e-6f));
        }
        SearchResult row = classify(search, items, Variant.parse("row-max"));
        assertThat(row.droppedConcepts()).isEmpty();
        assertThat(row.fallbackItems()).containsExactly(2); // mean (-1 - 1 + 0 + 1) / 4
        assertThat(row.classesFellBack()).isFalse();
        assertThat(classify(fit(concepts, classes, items, 0.6), items, Variant.parse("row-max"))
                        .classesFellBack())
                .isTrue();
    }

    @Test
    void a_floor_that_no_concept_reaches_is_refused() {
        ConceptMatrixSearch search =
                fit(new double[][] {{0, 1}}, new double[][] {{1, 0}}, new double[][] {{1, 0}}, 0.03);
        assertThatThrownBy(() -> classify(search, new double[][] {{1, 1}}, Variant.DEFAULT))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "at least one concept must have a mean similarity of 0.03 or more to both items and classes;"
                                + " got none among 1 concepts");
    }

    @ParameterizedTest
    @MethodSource("variants")
    void restored_from_its_tensors_it_gives_identical_scores(Variant variant) {
        double[][] items = Golden.random(270, 20, 1, 41);
        ConceptMatrixSearch search = fit(Golden.random(45, 20, 1, 42), Golden.random(6, 20, 1, 43), items, 0.07);
        Map<String, TensorView> stored = new HashMap<>();
        search.tensors().forEach(tensor -> stored.put(tensor.name(), tensor));
        ConceptMatrixSearch restored = ConceptMatrixSearch.restore(stored);
        SearchResult before = classify(search, items, variant);
        SearchResult after = classify(restored, items, variant);
        for (int i = 0; i < items.length; i++) {
            assertThat(after.scores(i)).isEqualTo(before.scores(i));
        }
        assertThat(after.droppedConcepts()).isEqualTo(before.droppedConcepts());
    }

    @Test
    void broken_tensors_are_refused() {
        Map<String, TensorView> stored = new HashMap<>();
        fit(Golden.random(4, 3, 1, 1), Golden.random(2, 3, 1, 2), Golden.random(5, 3, 1, 3), 0)
                .tensors()
                .forEach(tensor -> stored.put(tensor.name(), tensor));
        stored.put("item_mean", TensorView.of("item_mean", new double[] {1, 2}, 2));
        assertThatThrownBy(() -> ConceptMatrixSearch.restore(stored))
                .isInstanceOf(InputException.class)
                .hasMessage("tensor 'item_mean' must be F64 [3]; got item_mean F64 [2]");
        stored.remove("floor");
        assertThatThrownBy(() -> ConceptMatrixSearch.restore(stored))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tensors must include 'floor'; got");
    }

    @Test
    void bad_input_says_what_must_hold() {
        double[][] concepts = Golden.random(4, 3, 1, 1);
        assertThatThrownBy(() -> fit(concepts, Golden.random(2, 5, 1, 2), concepts, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("classes must have the concepts' width 3; got 5");
        assertThatThrownBy(() ->
                        fit(new double[][] {{1, 2}, {0, 0}}, new double[][] {{1, 2}}, new double[][] {{1, 2}}, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("an embedding must have a finite length above 0; got 0.0 in row 2 of 2");
        ConceptMatrixSearch search = fit(concepts, concepts, concepts, 0);
        assertThatThrownBy(() -> classify(search, new double[][] {{1, Double.NaN, 0}}, Variant.parse("none-max")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got NaN in row 1 of 1");
        assertThatThrownBy(() -> Variant.parse("columns"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("inductive-column-cosine")
                .hasMessageEndingWith("got columns");
    }

    @Test
    void an_empty_batch_gives_an_empty_result() {
        ConceptMatrixSearch search =
                fit(Golden.random(4, 3, 1, 1), Golden.random(2, 3, 1, 2), Golden.random(5, 3, 1, 3), 0);
        try (EmbeddingMatrix none = EmbeddingMatrix.allocate(0, 3)) {
            for (Variant variant : List.of(Variant.DEFAULT, Variant.parse("column-max"), Variant.parse("row-cubed"))) {
                assertThat(search.classify(none, null, variant).predictions()).isEmpty();
            }
        }
    }

    @Test
    void variants_are_found_by_their_ids() {
        assertThat(Variant.DEFAULT.id()).isEqualTo("inductive-column-cosine");
        assertThat(Variant.all())
                .hasSize(12)
                .allSatisfy(v -> assertThat(Variant.parse(v.id())).isEqualTo(v));
    }
}
