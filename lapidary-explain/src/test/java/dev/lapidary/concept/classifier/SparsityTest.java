package dev.lapidary.concept.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparsityTest {
    /** Sums in two orders differ by rounding, and a concept that adds nothing must not fill the gap. */
    @Test
    void conceptsThatAddNothingAreNeverNeeded() {
        NamedMap map = new NamedMap(new double[][] {{0.1, 0.2, 0.3, 0, 0, 0.7, 1e-3}}, new double[1]);
        double[][] scores = {{1, 1, 1, 1, 1, 1, 1}, {0.1, 0.7, 1e-9, 5, 5, 1e9, 3}};
        assertThat(Sparsity.contributingConcepts(map, scores, 1)).isLessThanOrEqualTo(5);
        assertThat(Sparsity.contributingConcepts(map, new double[][] {{0, 0, 0, 0, 0, 0, 0}}, 0.9))
                .isZero();
    }
}
