package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The elastic-net path of a linear head on standardised concept scores as VLG-CBM walks it: what its accuracy at an NEC (ANEC) is
 * read from. Nothing is fitted again after truncation; {@link ConceptTraining}'s own dial does that and is better.
 *
 * <p>λ falls from the value at which all weights are zero by a factor 2^−0.1, 150 times at most; α = 0.99. The solver is this
 * package's proximal one, not GLM-SAGA.
 *
 * @see <a href="https://arxiv.org/abs/2408.01432">Srivastava et al., VLG-CBM, NeurIPS 2024</a>
 */
public final class ElasticNetPath {
    private static final double ALPHA = 0.99;
    private static final double STEP = Math.pow(2, -0.1);
    private static final int STEPS = 150;
    private static final double TOLERANCE = 1e-5;
    private static final int ROUNDS = 400;

    /** A map on standardised scores and the λ it was fitted with. */
    public record Point(double lambda, NamedMap map) {}

    private final List<Point> points;
    private final float[][] vectors; // [M, d]
    private final Standardisation standardisation;

    private ElasticNetPath(List<Point> points, float[][] vectors, Standardisation standardisation) {
        this.points = points;
        this.vectors = vectors;
        this.standardisation = standardisation;
    }

    /**
     * Walks the path until as many weights are present as asked for.
     *
     * @param items training items [n, d]
     * @param labels [n], 0 to classes - 1
     * @param concepts [M, d], any positive length
     * @param mostNec effective concepts per class after which the path may end
     */
    public static ElasticNetPath fit(
            EmbeddingMatrix items, int[] labels, int classes, float[][] concepts, double mostNec) {
        float[][] vectors = Vectors.units(concepts);
        try (Training training = Training.open(items, labels, classes, vectors)) {
            MapSolver solver = new MapSolver(training.rows(), TOLERANCE, ROUNDS);
            double[] parameters = training.start();
            double lambda = solver.largestLambda(parameters, ALPHA, null);
            List<Point> points = new ArrayList<>();
            double nec = 0;
            for (int s = 0; s < STEPS && nec < mostNec; s++) {
                lambda *= STEP;
                parameters = solver.solve(parameters, MapSolver.Penalty.elastic(lambda, ALPHA))
                        .parameters();
                Point point = new Point(lambda, DialFit.map(parameters, classes));
                points.add(point);
                nec = point.map().nec();
            }
            return new ElasticNetPath(
                    List.copyOf(points), vectors, training.moments().standardisation());
        }
    }

    /**
     * Fits a dense map with a ridge: what standardised scores, or the unit embedding's coordinates, hold in all.
     *
     * @param concepts [M, d], or null for the embedding itself
     * @param ridge half of it times the squared weights is added to the mean cross-entropy
     */
    public static ConceptScorer dense(
            EmbeddingMatrix items, int[] labels, int classes, float @Nullable [][] concepts, double ridge) {
        float[][] vectors = concepts == null ? null : Vectors.units(concepts);
        try (Training training = Training.open(items, labels, classes, vectors)) {
            var solution = new MapSolver(training.rows(), TOLERANCE, ROUNDS)
                    .solve(training.start(), MapSolver.Penalty.ridge(ridge, null));
            NamedMap map = DialFit.map(solution.parameters(), classes);
            return new ConceptScorer(vectors, training.moments().standardisation(), null, map, items.width());
        }
    }

    /** The points from few weights to many. */
    public List<Point> points() {
        return points;
    }

    /** The first map of the path with at least this NEC, its smallest weights cut off down to it. */
    public ConceptScorer at(double nec) {
        NamedMap map = points.stream()
                .map(Point::map)
                .filter(m -> m.nec() >= nec)
                .findFirst()
                .orElse(points.getLast().map())
                .truncatedTo(nec);
        return new ConceptScorer(vectors, standardisation, null, map, vectors[0].length);
    }

    /** Training rows with the moments of their scores. */
    private record Training(ScoreRows rows, ScoreMoments moments, int[] labels, int classes) implements AutoCloseable {
        static Training open(EmbeddingMatrix items, int[] labels, int classes, float @Nullable [][] vectors) {
            int[] all = IntStream.range(0, items.rows()).toArray();
            ScoreMoments moments;
            try (ScoreBlocks blocks = new ScoreBlocks(items, all, vectors)) {
                moments = ScoreMoments.of(blocks);
            }
            var part = new ScoreRows.Part(items, all, labels, null, classes);
            ScoreRows rows =
                    ScoreRows.of(part, vectors, moments.standardisation(), moments.gram(), ScoreRows.HELD_BYTES);
            return new Training(rows, moments, labels, classes);
        }

        /** Weights 0 and the log of each class's share as bias. */
        double[] start() {
            int stride = rows.width() + 1;
            double[] parameters = new double[classes * stride];
            for (int k = 0; k < classes; k++) {
                int number = k;
                long count =
                        Arrays.stream(labels).filter(label -> label == number).count();
                parameters[k * stride + stride - 1] = Math.log((double) count / labels.length);
            }
            return parameters;
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
