package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.Evaluation;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fits a method on one seed's data over any set of vectors: the named concepts, or random words or directions in their place, with
 * the same layers, dial and tuning.
 *
 * <p>Where a part has more than {@link #PATH_ROWS} rows, concepts and settings are chosen on a stratified sample of about so many,
 * drawn with the seed, and only what was chosen is fitted again on all training rows: the choice takes hundreds of passes over its
 * rows, the last fit a handful. Means, deviations and correlations of scores are always those of all training rows.
 */
final class MethodFitter {
    /** Rows of each part on which the dial is walked: a standard error of at most 0.2 points of accuracy. */
    static final int PATH_ROWS = 1 << 16;

    /** What the linear probe and {@link ResidualHead} choose their ridge from, on held-out items. */
    static final double[] RIDGES = {1, 3e-1, 1e-1, 3e-2, 1e-2, 3e-3, 1e-3};

    private final ConceptConfig config;
    private final float @Nullable [][] classVectors; // [K, d]
    private final Progress progress;
    private final Cancellation cancellation;
    private final int pathRows;

    MethodFitter(
            ConceptConfig config, float @Nullable [][] classVectors, Progress progress, Cancellation cancellation) {
        this(config, classVectors, progress, cancellation, PATH_ROWS);
    }

    MethodFitter(
            ConceptConfig config,
            float @Nullable [][] classVectors,
            Progress progress,
            Cancellation cancellation,
            int pathRows) {
        this.pathRows = pathRows;
        this.config = config;
        this.classVectors = classVectors;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /** Fits the configured method over vectors [M, d] of unit length. */
    Fit fit(SeedData data, float[][] vectors) {
        return switch (config.method()) {
            case SEARCH -> SearchFit.of(data, vectors, requireClassVectors(), config.faithful());
            case GATES -> gates(data, vectors);
            case SPARSE, L1, CONTRASTIVE, SIMILARITY, CUBED ->
                config.faithful() ? published(data, vectors) : sound(data, vectors);
        };
    }

    /** A dense linear classifier on the embeddings, its ridge chosen on validation items. */
    Fit linearProbe(SeedData data) {
        ScoreMoments moments = moments(data, null);
        SeedData sample = data.sampled(pathRows);
        try (Parts parts = parts(sample, null, moments)) {
            Probe best = bestProbe(data, parts);
            if (larger(data, sample)) {
                try (ScoreRows all = train(data, null, moments)) {
                    double[] parameters = new MapSolver(all, 1e-4, 200)
                            .solve(best.parameters(), MapSolver.Penalty.ridge(best.ridge(), null))
                            .parameters();
                    best = new Probe(
                            parameters, best.ridge(), parts.validation().judge(parameters));
                }
            }
            var scorer = new ConceptScorer(
                    null,
                    moments.standardisation(),
                    null,
                    map(best.parameters(), data.classes()),
                    data.items().width());
            return new Fit(scorer, List.of(), List.of(), best.quality().accuracy(), dropped(moments));
        }
    }

    private record Probe(double[] parameters, double ridge, Dial.Quality quality) {}

    private Probe bestProbe(SeedData data, Parts parts) {
        MapSolver solver = new MapSolver(parts.train(), 1e-4, 200);
        double[] parameters = start(data, parts.train().width());
        Probe best = new Probe(parameters, RIDGES[0], new Dial.Quality(0, Double.POSITIVE_INFINITY));
        for (double ridge : RIDGES) {
            cancellation.check();
            parameters = solver.solve(parameters, MapSolver.Penalty.ridge(ridge, null))
                    .parameters();
            Dial.Quality quality = parts.validation().judge(parameters);
            if (quality.loss() < best.quality().loss()) {
                best = new Probe(parameters, ridge, quality);
            }
        }
        return best;
    }

    /** The class whose name is nearest. */
    Fit zeroShot(SeedData data) {
        float[][] vectors = requireClassVectors();
        int k = vectors.length;
        double[][] identity = new double[k][k];
        for (int i = 0; i < k; i++) {
            identity[i][i] = 1;
        }
        var scorer = new ConceptScorer(
                vectors,
                Standardisation.published(k),
                null,
                new NamedMap(identity, new double[k]),
                data.items().width());
        return new Fit(scorer, List.of(), List.of(), Double.NaN, 0);
    }

    private Fit sound(SeedData data, float[][] vectors) {
        ScoreMoments moments = moments(data, vectors);
        SeedData sample = data.sampled(pathRows);
        try (Parts parts = parts(sample, vectors, moments)) {
            NamedMap joint = JointTraining.sound(config.method(), parts.train(), data.seed(), progress, cancellation);
            Dial dial = dialOn(data, parts);
            Chosen chosen = choose(dial, data, parts, JointTraining.penaltyWeights(joint));
            if (larger(data, sample)) {
                try (ScoreRows all = train(data, vectors, moments)) {
                    chosen = chosen.refitted(dial, all);
                }
            }
            var scorer = new ConceptScorer(
                    vectors,
                    moments.standardisation(),
                    null,
                    map(chosen.fitted().parameters(), data.classes()),
                    data.items().width());
            return chosen.fit(scorer, dropped(moments));
        }
    }

    private Fit gates(SeedData data, float[][] vectors) {
        ScoreMoments moments = moments(data, vectors);
        // what a gate lets pass cannot be folded into the embedding space: never more rows than may be held
        int held = ScoreRows.heldRows(vectors.length, ScoreRows.HELD_BYTES);
        SeedData sample = data.sampled(Math.min(pathRows, held));
        ScoreRows.Part most = data.train().atMost(held, data.seed());
        ConceptGates gates = gatesOf(sample, vectors, moments);
        var passing = PassedScores.fit(most, vectors, moments.standardisation(), gates);
        try (Parts parts = new Parts(
                passing.rows(sample.train()), passing.rows(sample.validation()), passing.rows(sample.test()))) {
            Dial dial = dialOn(data, parts);
            Chosen chosen = choose(dial, data, parts, null);
            if (most.rows().length > sample.train().rows().length) {
                try (ScoreRows all = passing.rows(most)) {
                    chosen = chosen.refitted(dial, all);
                }
            }
            NamedMap map = passing.unscaled(map(chosen.fitted().parameters(), data.classes()));
            var scorer = new ConceptScorer(
                    vectors, moments.standardisation(), gates, map, data.items().width());
            return chosen.fit(scorer, dropped(moments));
        }
    }

    private ConceptGates gatesOf(SeedData data, float[][] vectors, ScoreMoments moments) {
        try (ScoreRows train = train(data, vectors, moments)) {
            return GateTraining.train(train, data.seed(), progress, cancellation);
        }
    }

    private Fit published(SeedData data, float[][] vectors) {
        NamedMap map;
        var scale = Standardisation.published(vectors.length);
        try (ScoreRows train = ScoreRows.of(data.train(), vectors, scale, new double[0], ScoreRows.HELD_BYTES)) {
            map = JointTraining.published(config.method(), train, data.seed(), progress, cancellation);
        }
        if (config.nec().isPresent()) {
            map = map.truncatedTo(config.nec().getAsDouble());
        }
        var scorer = new ConceptScorer(vectors, scale, null, map, data.items().width());
        int[] predicted = scorer.predict(data.items(), data.validation().rows());
        double accuracy = Evaluation.of(data.validation().labels(), predicted, data.classes())
                .accuracy();
        return new Fit(scorer, List.of(), List.of(), accuracy, 0);
    }

    /** The point of the dial that was chosen, with the curves. */
    private record Chosen(Dial.Fitted fitted, List<Report.CurvePoint> elasticNet, List<Report.CurvePoint> dial) {
        Fit fit(ClassScorer scorer, int dropped) {
            return new Fit(scorer, elasticNet, dial, fitted.point().validationAccuracy(), dropped);
        }

        Chosen refitted(Dial walked, MapObjective all) {
            return new Chosen(walked.refit(fitted, all), elasticNet, dial);
        }
    }

    private static Report.CurvePoint curvePoint(Dial.Point p, double testAccuracy) {
        return new Report.CurvePoint(p.nec(), p.validationAccuracy(), p.validationLoss(), testAccuracy);
    }

    /** The training, validation and test rows in the form in which they are fitted and judged. */
    record Parts(ScoreRows train, ScoreRows validation, ScoreRows test) implements AutoCloseable {
        @Override
        public void close() {
            train.close();
            validation.close();
            test.close();
        }
    }

    private Dial dialOn(SeedData data, Parts parts) {
        var settings = Dial.Settings.forItems(data.train().rows().length); // what is chosen is fitted on all of them
        return new Dial(parts.train(), parts.validation()::judge, settings, cancellation);
    }

    private Chosen choose(Dial dial, SeedData data, Parts parts, double @Nullable [] penaltyWeights) {
        double[] extra = config.nec().stream().toArray();
        Dial.Path path = dial.walk(data.logShares(), penaltyWeights, extra);
        double nec = config.nec().orElseGet(() -> smallestNearBestLoss(path.dial()));
        // the test part is read for the curve alone: what is chosen stands already
        Dial.Fitted chosen = dial.tune(path.at(nec));
        List<Report.CurvePoint> curve = path.dial().stream()
                .map(f ->
                        curvePoint(f.point(), parts.test().judge(f.parameters()).accuracy()))
                .toList();
        List<Report.CurvePoint> net =
                path.elasticNet().stream().map(p -> curvePoint(p, Double.NaN)).toList();
        return new Chosen(chosen, net, curve);
    }

    /**
     * The smallest NEC whose validation loss is within 5 % of the least. The loss, because on few validation items accuracies differ by
     * chance: with 48 of them, one standard error of the accuracy let maps of 2 concepts a class through that were 10 points worse.
     */
    static double smallestNearBestLoss(List<Dial.Fitted> dial) {
        double best =
                dial.stream().mapToDouble(f -> f.point().validationLoss()).min().orElseThrow();
        return dial.stream()
                .map(Dial.Fitted::point)
                .filter(p -> p.validationLoss() <= 1.05 * best)
                .mapToDouble(Dial.Point::nec)
                .min()
                .orElseThrow();
    }

    private static ScoreMoments moments(SeedData data, float @Nullable [][] vectors) {
        try (ScoreBlocks blocks = new ScoreBlocks(data.items(), data.train().rows(), vectors)) {
            return ScoreMoments.of(blocks);
        }
    }

    private static Parts parts(SeedData data, float @Nullable [][] vectors, ScoreMoments moments) {
        Standardisation standardisation = moments.standardisation();
        double[] none = new double[0]; // nothing is fitted on the other parts
        return new Parts(
                train(data, vectors, moments),
                ScoreRows.of(data.validation(), vectors, standardisation, none, ScoreRows.HELD_BYTES),
                ScoreRows.of(data.test(), vectors, standardisation, none, ScoreRows.HELD_BYTES));
    }

    private static ScoreRows train(SeedData data, float @Nullable [][] vectors, ScoreMoments moments) {
        return ScoreRows.of(data.train(), vectors, moments.standardisation(), moments.gram(), ScoreRows.HELD_BYTES);
    }

    private static boolean larger(SeedData data, SeedData sample) {
        return data.train().rows().length > sample.train().rows().length;
    }

    private static int dropped(ScoreMoments moments) {
        return moments.standardisation().mean().length
                - moments.standardisation().varying();
    }

    private double[] start(SeedData data, int width) {
        double[] parameters = new double[data.classes() * (width + 1)];
        double[] bias = data.logShares();
        for (int k = 0; k < bias.length; k++) {
            parameters[k * (width + 1) + width] = bias[k];
        }
        return parameters;
    }

    /** Parameters [K, M + 1] as a map. */
    static NamedMap map(double[] parameters, int classes) {
        int stride = parameters.length / classes;
        double[][] weights = new double[classes][stride - 1];
        double[] bias = new double[classes];
        for (int k = 0; k < classes; k++) {
            System.arraycopy(parameters, k * stride, weights[k], 0, stride - 1);
            bias[k] = parameters[k * stride + stride - 1];
        }
        return new NamedMap(weights, bias);
    }

    private float[][] requireClassVectors() {
        if (classVectors == null) {
            throw new InputException(
                    "class names must have embeddings; got items embedded by an encoder that is not at hand: name it with --encoder");
        }
        return classVectors;
    }
}
