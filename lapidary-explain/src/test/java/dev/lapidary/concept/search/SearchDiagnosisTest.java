package dev.lapidary.concept.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import dev.lapidary.data.EmbeddingMatrix;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SearchDiagnosisTest {
    private static SearchResult result(float[]... scores) {
        float[] flat = new float[scores.length * scores[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = scores[i / scores[0].length][i % scores[0].length];
        }
        return new SearchResult(Variant.DEFAULT, flat, scores[0].length, ColumnScale.none(1), new int[0], false);
    }

    @Test
    void items_with_a_small_margin_are_undecided() {
        SearchResult result = result(
                new float[] {0.9f, 0.5f, 0.1f},
                new float[] {0.4f, 0.5f, 0.45f},
                new float[] {0.2f, 0.2f, 0.1f},
                new float[] {0.1f, 0.2f, 0.5f});
        assertThat(result.predictions()).containsExactly(0, 1, 0, 2);
        assertThat(result.margin(1)).isCloseTo(0.05f, within(1e-6f));
        assertThat(result.decisions(0.1f)).containsExactly(0, SearchResult.UNDECIDED, SearchResult.UNDECIDED, 2);
        assertThat(result.decisions(0)).containsExactly(0, 1, 0, 2);
    }

    @Test
    void the_margin_for_a_coverage_leaves_that_share_decided() {
        SearchResult result = result(
                new float[] {0.9f, 0.5f}, new float[] {0.4f, 0.5f}, new float[] {0.2f, 0.2f}, new float[] {0.1f, 0.3f});
        for (double share : new double[] {0.25, 0.5, 0.75, 1}) {
            long decided = Arrays.stream(result.decisions(result.marginForCoverage(share)))
                    .filter(k -> k != SearchResult.UNDECIDED)
                    .count();
            assertThat(decided).isEqualTo(Math.round(4 * share));
        }
        assertThatThrownBy(() -> result.marginForCoverage(0)).hasMessageContaining("got 0.0 of 4");
    }

    @Test
    void skewness_of_counts_is_the_third_standardised_moment() {
        assertThat(Hubness.skewness(new int[] {3, 3, 3})).isZero();
        assertThat(Hubness.skewness(new int[] {1, 2, 3})).isCloseTo(0, within(1e-12));
        assertThat(Hubness.skewness(new int[] {0, 0, 0, 4})).isCloseTo(2 / Math.sqrt(3), within(1e-12));
    }

    @Test
    void the_nearest_are_the_largest_in_order_and_the_lower_index_wins_ties() {
        try (Arena arena = Arena.ofConfined()) {
            FloatMatrix matrix = FloatMatrix.allocate(arena, 2, 6);
            matrix.setRow(0, new double[] {1, 5, 3, 5, 2, 4});
            matrix.setRow(1, new double[] {-3, -1, -2, -1, -1, -9});
            int[] nearest = new int[3];
            Hubness.nearest(matrix, 0, 6, nearest);
            assertThat(nearest).containsExactly(1, 3, 5);
            Hubness.nearest(matrix, 1, 6, nearest);
            assertThat(nearest).containsExactly(1, 3, 4);
        }
    }

    @Test
    void a_concept_that_is_near_to_everything_is_reported_as_the_hub() {
        double[][] concepts = Golden.random(30, 8, 0, 5);
        Arrays.fill(concepts[17], 1); // what all items share
        double[][] items = DoubleSearch.map(
                Golden.random(200, 8, 0, 6),
                row -> Arrays.stream(row).map(x -> 4 + x).toArray());
        double[][] classes = {{1, 1, 1, 1, 1, 1, 1, 0}, {-1, 1, -1, 1, -1, 1, -1, 1}};
        try (EmbeddingMatrix c = Golden.embeddings(concepts);
                EmbeddingMatrix g = Golden.embeddings(classes);
                EmbeddingMatrix f = Golden.embeddings(items)) {
            Hubness hubness = ConceptMatrixSearch.fit(c, g, f, null, 0).hubness(f, null, Variant.parse("none-max"), 1);
            assertThat(hubness.nearestConcept()).isEqualTo(17);
            assertThat(hubness.nearestShare()).isGreaterThan(0.9);
            assertThat(hubness.predictedClass()).isZero();
            assertThat(hubness.predictedShare()).isGreaterThan(0.9);
            assertThat(hubness.skewness()).isGreaterThan(3);
        }
    }
}
