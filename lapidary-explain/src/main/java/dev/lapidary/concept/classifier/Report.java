package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a training or an evaluation measured, the same fields in memory, in metrics.json and on the command line.
 *
 * <p>Accuracies are shares in [0, 1]. A baseline that could not be formed is absent from the maps, with a warning that says why.
 *
 * @param method id of the method
 * @param faithful whether in its published form
 * @param accuracy mean over seeds
 * @param macroF1 mean over seeds
 * @param nec mean over seeds of the effective concepts per class
 * @param concepts number of concepts that it could choose from
 * @param classes number of classes
 * @param examples number of items judged per seed
 * @param seconds wall time
 * @param seeds accuracy per seed, in seed order
 * @param baselines baseline id to mean accuracy
 * @param intervals baseline id to the 95 % interval [low, high] of the paired difference, method minus baseline
 * @param deviation of the accuracies over seeds (n − 1), 0 with one seed
 * @param majority share of the most frequent class: what always naming it would reach
 * @param details per seed
 * @param warnings what a person should know
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Report(
        String method,
        boolean faithful,
        double accuracy,
        double macroF1,
        double nec,
        int concepts,
        int classes,
        int examples,
        double seconds,
        List<Double> seeds,
        Map<String, Double> baselines,
        Map<String, List<Double>> intervals,
        double deviation,
        double majority,
        List<SeedReport> details,
        List<String> warnings) {
    /** Stands for the method itself where other ids are those of baselines. */
    public static final String METHOD = "method";

    /** What the interval of the difference to a baseline says. */
    public enum Verdict {
        /** It lies above 0: the method is better. */
        BETTER,
        /** It lies below 0: the method is worse. */
        WORSE,
        /** It holds 0. */
        UNDECIDED;

        /** Returns the word in JSON: better, worse, undecided. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Returns how the method does against a baseline; empty where the baseline was not measured. */
    public Optional<Verdict> verdict(Baseline baseline) {
        List<Double> interval = intervals.get(baseline.id());
        if (interval == null) {
            return Optional.empty();
        }
        return Optional.of(
                interval.get(0) > 0 ? Verdict.BETTER : interval.get(1) < 0 ? Verdict.WORSE : Verdict.UNDECIDED);
    }

    /** Position of the seed that decides: it does best on its validation items; the first where nothing was chosen. */
    public int decides() {
        int best = 0;
        for (int s = 1; s < details.size(); s++) {
            if (details.get(s).validationAccuracy() > details.get(best).validationAccuracy()) {
                best = s;
            }
        }
        return best;
    }

    /** The figures of the seed that decides. */
    public SeedReport deciding() {
        return details.get(decides());
    }

    /** The same with other warnings. */
    Report withWarnings(List<String> other) {
        return new Report(
                method,
                faithful,
                accuracy,
                macroF1,
                nec,
                concepts,
                classes,
                examples,
                seconds,
                seeds,
                baselines,
                intervals,
                deviation,
                majority,
                details,
                List.copyOf(other));
    }

    /**
     * One seed.
     *
     * @param validationAccuracy of the chosen point, NaN where nothing was chosen
     * @param activeConcepts concepts that speak for an item, on average
     * @param baselineNec NEC of each baseline that has one
     * @param dial accuracy on validation items for every NEC walked through, for the method and its random controls
     */
    public record SeedReport(
            long seed,
            double accuracy,
            double macroF1,
            double nec,
            double validationAccuracy,
            double activeConcepts,
            List<List<Integer>> confusion,
            Map<String, Double> baselines,
            Map<String, Double> baselineMacroF1,
            Map<String, Double> baselineNec,
            Map<String, List<CurvePoint>> dial,
            List<CurvePoint> elasticNet) {}

    /** One point of a curve: accuracies on validation items and, where they were measured for the curve, on test items. */
    public record CurvePoint(double nec, double validationAccuracy, double validationLoss, double testAccuracy) {}
}
