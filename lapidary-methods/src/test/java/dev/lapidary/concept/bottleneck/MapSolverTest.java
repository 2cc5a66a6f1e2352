package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.Golden;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.tolerance.Rounding;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MapSolverTest {
    private static final JsonNode SMALL = Golden.ROOT.get("small_dataset");
    private static final JsonNode NET = SMALL.get("elastic_net");
    private static EmbeddingMatrix items;
    private static ScoreRows.Part train;
    private static float[][] vectors;
    private static ScoreMoments moments;

    @BeforeAll
    static void open() {
        items = EmbeddingMatrix.of(Golden.floats(SMALL.get("train_embeddings")));
        int[] labels = Golden.integers(SMALL.get("train_labels"));
        train = new ScoreRows.Part(items, IntStream.range(0, labels.length).toArray(), labels, null, 6);
        vectors = Vectors.units(Golden.floats(SMALL.get("concept_embeddings")));
        try (ScoreBlocks blocks = new ScoreBlocks(items, train.rows(), vectors)) {
            moments = ScoreMoments.of(blocks);
        }
    }

    @AfterAll
    static void close() {
        items.close();
    }

    private static ScoreRows rows(long heldBytes) {
        return ScoreRows.of(train, vectors, moments.standardisation(), moments.gram(), heldBytes);
    }

    private static double[] start() {
        double[] parameters = new double[6 * 25];
        for (int k = 0; k < 6; k++) {
            parameters[k * 25 + 24] = Math.log(1.0 / 6);
        }
        return parameters;
    }

    @Test
    void theElasticNetPathIsTheGoldenOne() {
        checkPath(new DoubleRows(), 1e-9, 1e-3, 0);
        try (ScoreRows rows = rows(Long.MAX_VALUE)) {
            // in float32 the flat directions at small λ move by 1e-4 of the norm
            checkPath(rows, 1e-6, 2e-2, scoreError());
        }
    }

    /**
     * How far float32 scores may be from exact ones: cosines are sums over the coordinates of two vectors of length 1, and are then
     * divided by their deviation over the items.
     */
    private static double scoreError() {
        double largest = Arrays.stream(moments.standardisation().scale()).max().orElseThrow();
        return largest * Rounding.float32(items.width() + 8, 1);
    }

    /** How far a loss may move with scores that err: the difference of two logits by the weights of both, and its own arithmetic. */
    private static double lossError(NamedMap map, double scoreError) {
        double most = Arrays.stream(map.weights())
                .mapToDouble(row -> Arrays.stream(row).map(Math::abs).sum())
                .max()
                .orElseThrow();
        return scoreError == 0 ? 0 : 2 * most * scoreError + Rounding.float32(24 + 6 + 10, 10);
    }

    private static void checkPath(MapObjective rows, double tolerance, double norm, double scoreError) {
        double alpha = NET.get("alpha").asDouble();
        MapSolver solver = new MapSolver(rows, tolerance, 20000);
        double largest = solver.largestLambda(start(), alpha, null);
        assertThat(largest).isEqualTo(NET.get("lambda_max").asDouble(), within(1e-6 + scoreError));
        double[] parameters = start();
        for (JsonNode point : NET.get("path")) {
            double lambda = point.get("lambda").asDouble();
            var solution = solver.solve(parameters, MapSolver.Penalty.elastic(lambda * (1 + 1e-9), alpha));
            parameters = solution.parameters();
            NamedMap map = DialFit.map(parameters, 6);
            assertThat(solution.objective())
                    .as("objective at λ=" + lambda)
                    .isEqualTo(point.get("objective").asDouble(), within(1e-6 + lossError(map, scoreError)));
            assertThat(map.present()).isCloseTo(point.get("nnz").asInt(), within(2));
            double l1 = Arrays.stream(map.weights())
                    .flatMapToDouble(Arrays::stream)
                    .map(Math::abs)
                    .sum();
            assertThat(l1).isEqualTo(point.get("l1_norm").asDouble(), within(norm));
            assertThat(solution.violation()).isLessThan(Math.max(1e-8, 500 * tolerance)); // float32 ends a few 1e-4 off
        }
    }

    @Test
    void allWeightsAreZeroAtTheLargestLambdaAndNotBelow() {
        try (ScoreRows rows = rows(Long.MAX_VALUE)) {
            MapSolver solver = new MapSolver(rows, 1e-7, 1000);
            double largest = solver.largestLambda(start(), 0.99, null);
            var at = solver.solve(start(), MapSolver.Penalty.elastic(1.0001 * largest, 0.99));
            assertThat(DialFit.map(at.parameters(), 6).present()).isZero();
            assertThat(at.objective()).isEqualTo(Math.log(6), within(1e-6));
            var below = solver.solve(start(), MapSolver.Penalty.elastic(0.98 * largest, 0.99));
            assertThat(DialFit.map(below.parameters(), 6).present()).isPositive();
        }
    }

    @Test
    void foldedAndHeldScoresGiveTheSameLossGradientAndFit() {
        double[] parameters = start();
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] += 0.3 * Math.sin(i);
        }
        double[] heldGradient = new double[parameters.length];
        double[] foldedGradient = new double[parameters.length];
        try (ScoreRows held = rows(Long.MAX_VALUE);
                ScoreRows folded = rows(0)) {
            double a = held.lossAndGradient(parameters, heldGradient);
            double b = folded.lossAndGradient(parameters, foldedGradient);
            double error = lossError(DialFit.map(parameters, 6), 2 * scoreError()); // both are float32
            assertThat(b).isEqualTo(a, within(error));
            assertThat(foldedGradient).containsExactly(heldGradient, within(error));
            var penalty = MapSolver.Penalty.elastic(0.01, 0.99);
            var x = new MapSolver(held, 1e-6, 2000).solve(start(), penalty);
            var y = new MapSolver(folded, 1e-6, 2000).solve(start(), penalty);
            double fits = lossError(DialFit.map(x.parameters(), 6), 2 * scoreError());
            assertThat(y.objective()).isEqualTo(x.objective(), within(2e-6 + fits));
            assertThat(held.judge(x.parameters()).accuracy())
                    .isEqualTo(folded.judge(x.parameters()).accuracy());
        }
    }

    @Test
    void aSupportIsKeptToAndTheRestStaysZero() {
        boolean[] support = new boolean[6 * 24];
        for (int e = 0; e < support.length; e += 5) {
            support[e] = true;
        }
        try (ScoreRows rows = rows(Long.MAX_VALUE)) {
            double[] everywhere = start();
            Arrays.fill(everywhere, 0.1);
            var solution = new MapSolver(rows, 1e-6, 2000).solve(everywhere, MapSolver.Penalty.ridge(1e-3, support));
            NamedMap map = DialFit.map(solution.parameters(), 6);
            for (int e = 0; e < support.length; e++) {
                double weight = map.weight(e / 24, e % 24);
                assertThat(weight != 0).isEqualTo(support[e]);
            }
            assertThat(solution.violation()).isLessThan(1e-5);
        }
    }

    @Test
    void unevenRowWeightsStillConverge() {
        float[] weights = new float[train.labels().length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = train.labels()[i] == 0 ? 25 : 0.1f;
        }
        var weighted = new ScoreRows.Part(items, train.rows(), train.labels(), weights, 6);
        try (ScoreRows rows =
                ScoreRows.of(weighted, vectors, moments.standardisation(), moments.gram(), Long.MAX_VALUE)) {
            var solution = new MapSolver(rows, 1e-5, 3000).solve(start(), MapSolver.Penalty.ridge(1e-2, null));
            assertThat(solution.violation()).isLessThan(1e-5);
        }
    }

    /** The same objective in float64, written out. */
    private static final class DoubleRows implements MapObjective {
        private final double[][] x = EagerBottleneckTest.standardised(train.rows());

        @Override
        public int classes() {
            return 6;
        }

        @Override
        public int width() {
            return 24;
        }

        @Override
        public double lossAndGradient(double[] parameters, double[] gradient) {
            Arrays.fill(gradient, 0);
            double loss = 0;
            for (int i = 0; i < x.length; i++) {
                double[] z = DialFit.map(parameters, 6).logits(x[i]);
                double sum = Arrays.stream(z).map(Math::exp).sum();
                loss += (Math.log(sum) - z[train.labels()[i]]) / x.length;
                for (int k = 0; k < 6; k++) {
                    double share = (Math.exp(z[k]) / sum - (k == train.labels()[i] ? 1 : 0)) / x.length;
                    for (int m = 0; m < 24; m++) {
                        gradient[k * 25 + m] += share * x[i][m];
                    }
                    gradient[k * 25 + 24] += share;
                }
            }
            return loss;
        }

        @Override
        public double[] gram() {
            return moments.gram();
        }

        @Override
        public double sureCurvature() {
            return 0.5;
        }
    }
}
