package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.NamedMap;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.Standardisation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks the dial over one seed's parts and chooses a point of it on validation rows. */
final class DialFit {
    private final SeedData data;
    private final Parts parts;
    private final BottleneckProblem.Setup setup;
    private final Dial dial;

    /**
     * Prepares the dial.
     *
     * @param data all of the seed's rows
     * @param parts those on which the dial is walked
     */
    DialFit(SeedData data, Parts parts, BottleneckProblem.Setup setup) {
        this.data = data;
        this.parts = parts;
        this.setup = setup;
        var settings = Dial.Settings.forItems(data.train().rows().length); // what is chosen is fitted on all of them
        dial = new Dial(parts.train(), parts.validation()::judge, settings, setup.cancellation());
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

    /** The point of the dial that was chosen, with the curves. */
    record Chosen(Dial.Fitted fitted, List<Report.CurvePoint> elasticNet, List<Report.CurvePoint> curve) {
        NamedMap map(int classes) {
            return DialFit.map(fitted.parameters(), classes);
        }

        Fit fit(ClassScorer scorer, int dropped) {
            return new Fit(scorer, elasticNet, curve, fitted.point().validationAccuracy(), dropped);
        }
    }

    /** Fits the chosen support again on other rows. */
    Chosen refitted(Chosen chosen, MapObjective all) {
        return new Chosen(dial.refit(chosen.fitted(), all), chosen.elasticNet(), chosen.curve());
    }

    private static Report.CurvePoint curvePoint(Dial.Point p, double testAccuracy) {
        return new Report.CurvePoint(p.nec(), p.validationAccuracy(), p.validationLoss(), testAccuracy);
    }

    /** Walks and chooses, with penalty weights [K, M] or null for 1 everywhere. */
    Chosen choose(double @Nullable [] penaltyWeights) {
        double[] extra = setup.config().nec().stream().toArray();
        Dial.Path path = dial.walk(data.logShares(), penaltyWeights, extra);
        double nec = setup.config().nec().orElseGet(() -> smallestNearBestLoss(path.dial()));
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

    static ScoreMoments moments(SeedData data, float @Nullable [][] vectors) {
        try (ScoreBlocks blocks = new ScoreBlocks(data.items(), data.train().rows(), vectors)) {
            return ScoreMoments.of(blocks);
        }
    }

    static Parts parts(SeedData data, float @Nullable [][] vectors, ScoreMoments moments) {
        Standardisation standardisation = moments.standardisation();
        double[] none = new double[0]; // nothing is fitted on the other parts
        return new Parts(
                train(data, vectors, moments),
                ScoreRows.of(data.validation(), vectors, standardisation, none, ScoreRows.HELD_BYTES),
                ScoreRows.of(data.test(), vectors, standardisation, none, ScoreRows.HELD_BYTES));
    }

    static ScoreRows train(SeedData data, float @Nullable [][] vectors, ScoreMoments moments) {
        return ScoreRows.of(data.train(), vectors, moments.standardisation(), moments.gram(), ScoreRows.HELD_BYTES);
    }

    static boolean larger(SeedData data, SeedData sample) {
        return data.train().rows().length > sample.train().rows().length;
    }

    static int dropped(ScoreMoments moments) {
        return moments.standardisation().mean().length
                - moments.standardisation().varying();
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
}
