package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ConceptConfig;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Fits a method on one seed's data over any set of vectors: the named concepts, or random words or directions in their place, with
 * the same layers, dial and tuning.
 *
 * <p>Where a part has more than {@link #PATH_ROWS} rows, concepts and settings are chosen on a stratified sample of about that size,
 * drawn with the seed, and only what was chosen is fitted again on all training rows: the choice takes hundreds of passes over its
 * rows, the last fit a handful. Means, deviations and correlations of scores are always those of all training rows.
 */
final class MethodFitter {
    /** Rows of each part on which the dial is walked: a standard error of at most 0.2 points of accuracy. */
    static final int PATH_ROWS = 1 << 16;

    /** What the linear probe and {@link ResidualHead} choose their ridge from, on held-out items. */
    static final double[] RIDGES = {1, 3e-1, 1e-1, 3e-2, 1e-2, 3e-3, 1e-3};

    private final BottleneckMethod method;
    private final BottleneckProblem.Setup setup;

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
        method = BottleneckMethod.of(config);
        setup = new BottleneckProblem.Setup(config, classVectors, progress, cancellation, pathRows);
    }

    /**
     * The fitter of the controls of a method that reached an NEC: where a limit is set they get no more than it used, so that the
     * comparison is at one NEC. The method may use fewer than allowed: scores that tell the classes apart need few.
     */
    MethodFitter controls(double reached) {
        OptionalDouble limit = setup.config().nec();
        if (limit.isEmpty() || reached >= limit.getAsDouble() || method.needsClassNames()) {
            return this;
        }
        ConceptConfig held = setup.config().withNec(Math.max(1, reached));
        return new MethodFitter(held, setup.classVectors(), setup.progress(), setup.cancellation(), setup.pathRows());
    }

    /** Fits the configured method over vectors [M, d] of unit length. */
    Fit fit(SeedData data, float[][] vectors) {
        if (method.needsClassNames()) {
            setup.requireClassVectors();
        }
        return method.fit(new BottleneckProblem(data, vectors, setup));
    }

    /** A dense linear classifier on the embeddings, its ridge chosen on validation items. */
    Fit linearProbe(SeedData data) {
        ScoreMoments moments = DialFit.moments(data, null);
        SeedData sample = data.sampled(setup.pathRows());
        try (DialFit.Parts parts = DialFit.parts(sample, null, moments)) {
            Probe best = bestProbe(data, parts);
            if (DialFit.larger(data, sample)) {
                try (ScoreRows all = DialFit.train(data, null, moments)) {
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
                    DialFit.map(best.parameters(), data.classes()),
                    data.items().width());
            return Fit.of(scorer, best.quality().accuracy(), DialFit.dropped(moments));
        }
    }

    private record Probe(double[] parameters, double ridge, Dial.Quality quality) {}

    private Probe bestProbe(SeedData data, DialFit.Parts parts) {
        MapSolver solver = new MapSolver(parts.train(), 1e-4, 200);
        double[] parameters = start(data, parts.train().width());
        Probe best = new Probe(parameters, RIDGES[0], new Dial.Quality(0, Double.POSITIVE_INFINITY));
        for (double ridge : RIDGES) {
            setup.cancellation().check();
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
        float[][] vectors = setup.requireClassVectors();
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
        return Fit.of(scorer, Double.NaN, 0);
    }

    private static double[] start(SeedData data, int width) {
        double[] parameters = new double[data.classes() * (width + 1)];
        double[] bias = data.logShares();
        for (int k = 0; k < bias.length; k++) {
            parameters[k * (width + 1) + width] = bias[k];
        }
        return parameters;
    }
}
