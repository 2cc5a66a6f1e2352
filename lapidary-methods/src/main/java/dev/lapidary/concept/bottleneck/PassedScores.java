package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Standardisation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Gated scores as features for the solver: what the gates let pass, centred and scaled by the training items.
 *
 * <p>The solver works on columns of mean 0 and deviation 1; {@link #unscaled} turns its map back into one on gated scores.
 */
final class PassedScores {
    private final float[][] vectors; // [M, d]
    private final Standardisation scores;
    private final ConceptGates gates;
    private final Standardisation passed;
    private final double[] gram; // [M, M]

    private PassedScores(
            float[][] vectors, Standardisation scores, ConceptGates gates, Standardisation passed, double[] gram) {
        this.vectors = vectors;
        this.scores = scores;
        this.gates = gates;
        this.passed = passed;
        this.gram = gram;
    }

    static PassedScores fit(ScoreRows.Part train, float[][] vectors, Standardisation scores, ConceptGates gates) {
        int n = train.rows().length;
        ScoreMoments moments;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment features = features(train, vectors, scores, gates, arena);
            moments = ScoreMoments.of(
                    n,
                    vectors.length,
                    (from, to, out) -> MemorySegment.copy(
                            features, 4L * from * vectors.length, out, 0, 4L * (to - from) * vectors.length));
        }
        return new PassedScores(vectors, scores, gates, moments.standardisation(), moments.gram());
    }

    /** The features of a part, for the solver or a judge; closing frees them. */
    ScoreRows rows(ScoreRows.Part part) {
        Arena arena = Arena.ofShared();
        MemorySegment features = features(part, vectors, scores, gates, arena);
        ScoreRows.standardise(features, part.rows().length, passed);
        return ScoreRows.ofHeld(features, arena, part, gram);
    }

    /** A map on these features as one on gated scores, with the same logits. */
    NamedMap unscaled(NamedMap map) {
        double[][] weights = map.weights();
        double[] bias = map.bias();
        double[] mean = passed.mean();
        double[] scale = passed.scale();
        for (int k = 0; k < bias.length; k++) {
            for (int m = 0; m < mean.length; m++) {
                weights[k][m] *= scale[m];
                bias[k] -= weights[k][m] * mean[m];
            }
        }
        return new NamedMap(weights, bias);
    }

    private static MemorySegment features(
            ScoreRows.Part part, float[][] vectors, Standardisation scores, ConceptGates gates, Arena arena) {
        int n = part.rows().length;
        int m = vectors.length;
        MemorySegment features = arena.allocate(4L * n * m, 64);
        try (ScoreBlocks blocks = new ScoreBlocks(part.items(), part.rows(), vectors)) {
            blocks.fillAll(features);
        }
        ScoreRows.standardise(features, n, scores);
        float[] row = new float[m];
        for (int i = 0; i < n; i++) {
            MemorySegment.copy(features, ValueLayout.JAVA_FLOAT, 4L * i * m, row, 0, m);
            for (int j = 0; j < m; j++) {
                row[j] = (float) gates.pass(j, row[j]);
            }
            MemorySegment.copy(row, 0, features, ValueLayout.JAVA_FLOAT, 4L * i * m, m);
        }
        return features;
    }
}
