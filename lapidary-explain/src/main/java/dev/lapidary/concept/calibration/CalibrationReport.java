package dev.lapidary.concept.calibration;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.metric.CalibrationError;
import dev.lapidary.metric.Interval;
import dev.lapidary.metric.Probabilities;
import dev.lapidary.metric.ShareInterval;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What calibrated probabilities and prediction sets are worth on labelled items.
 *
 * <p>Items that the classifier was calibrated on are left out, for on them sets keep their rate by construction.
 *
 * @param temperature T of the calibration
 * @param temperatureFrom which items chose it
 * @param setsFrom which items the sets were calibrated on
 * @param calibrationItems how many those are
 * @param judged items that these figures are of
 * @param leftOut items that the classifier was calibrated on
 * @param before of the plain softmax; absent where no items are left
 * @param after of the calibrated probabilities; absent where no items are left
 * @param sets one an error rate; none where no items are left
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CalibrationReport(
        double temperature,
        String temperatureFrom,
        String setsFrom,
        int calibrationItems,
        int judged,
        int leftOut,
        @Nullable Quality before,
        @Nullable Quality after,
        List<Sets> sets) {
    /**
     * How good probabilities are.
     *
     * @param calibrationError mean distance between the probability of the predicted class and the share that is right, over bins of
     *     equal mass, in [0, 1]
     * @param calibrationErrorInterval its 95 % interval [low, high]
     * @param logLoss mean of −ln p of the true class, in nats
     * @param brier mean over items of Σₖ (pₖ − yₖ)², in [0, 2]
     */
    public record Quality(
            double calibrationError, List<Double> calibrationErrorInterval, double logLoss, double brier) {}

    /**
     * How good the sets of one error rate are.
     *
     * @param errorRate as stated
     * @param tooFewItems whether there were too few calibration items for it, so that every set holds every class
     * @param rateInUse where the rate lies in 95 % of cases with these calibration items [low, high], see {@link
     *     ConformalSets#rateInUse}
     * @param errors share of items whose set lacks their class: 1 minus the coverage
     * @param errorsInterval its exact 95 % interval [low, high]
     * @param meanSize classes in a set
     * @param answered share of items whose set holds one class alone; for all others the classifier abstains
     * @param answeredRight share of those that are right; absent where there are none
     * @param empty share of items whose set holds no class
     * @param worstClass the class with the largest share of errors
     * @param worstClassErrors share of that class's items whose set lacks it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Sets(
            double errorRate,
            boolean tooFewItems,
            List<Double> rateInUse,
            double errors,
            List<Double> errorsInterval,
            double meanSize,
            double answered,
            @Nullable Double answeredRight,
            double empty,
            String worstClass,
            double worstClassErrors) {}

    /** Copies the list. */
    public CalibrationReport {
        sets = List.copyOf(sets);
    }

    /**
     * Judges a calibration.
     *
     * @param items labelled items that the classifier never saw
     * @param classes names [K] in the order of scores
     * @param errorRates of the sets to judge
     */
    public static CalibrationReport of(
            Calibration calibration, Calibration.Items items, List<String> classes, List<Double> errorRates) {
        errorRates.forEach(ConformalSets::requireRate);
        Set<String> known = new HashSet<>(calibration.contents());
        int[] rows = IntStream.range(0, items.labels().length)
                .filter(i -> !known.contains(items.contents().get(i)))
                .toArray();
        int[] labels = IntStream.of(rows).map(i -> items.labels()[i]).toArray();
        int[] predicted =
                IntStream.of(rows).map(i -> largest(items.scores()[i])).toArray();
        double[][] plain = IntStream.of(rows)
                .mapToObj(i -> Temperature.softmax(items.scores()[i]))
                .toArray(double[][]::new);
        double[][] calibrated = IntStream.of(rows)
                .mapToObj(i -> calibration.probabilities(items.scores()[i]))
                .toArray(double[][]::new);
        boolean none = rows.length == 0;
        return new CalibrationReport(
                calibration.temperature(),
                calibration.temperatureFrom(),
                calibration.setsFrom(),
                calibration.items(),
                rows.length,
                items.labels().length - rows.length,
                none ? null : quality(plain, predicted, labels),
                none ? null : quality(calibrated, predicted, labels),
                none
                        ? List.of()
                        : errorRates.stream()
                                .map(rate -> sets(calibration.sets(rate), calibrated, labels, classes))
                                .toList());
    }

    private static Quality quality(double[][] probabilities, int[] predicted, int[] labels) {
        double[] confidence = new double[labels.length];
        boolean[] right = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            confidence[i] = probabilities[i][predicted[i]];
            right[i] = predicted[i] == labels[i];
        }
        CalibrationError error = CalibrationError.of(confidence, right);
        return new Quality(
                error.error(),
                ends(error.interval()),
                Probabilities.logLoss(probabilities, labels),
                Probabilities.brier(probabilities, labels));
    }

    /** Index of the largest score, the first of equals, which is the predicted class. */
    private static int largest(double[] scores) {
        int best = 0;
        for (int k = 1; k < scores.length; k++) {
            best = scores[k] > scores[best] ? k : best;
        }
        return best;
    }

    private static Sets sets(ConformalSets sets, double[][] probabilities, int[] labels, List<String> classes) {
        Tally tally = new Tally(classes.size());
        for (int i = 0; i < labels.length; i++) {
            tally.add(sets.set(probabilities[i]), labels[i]);
        }
        int worst = tally.worstClass();
        double n = labels.length;
        return new Sets(
                sets.errorRate(),
                sets.tooFewItems(),
                ends(sets.rateInUse()),
                tally.errors / n,
                ends(ShareInterval.of(tally.errors, labels.length)),
                tally.members / n,
                tally.answered / n,
                tally.answered == 0 ? null : (double) tally.answeredRight / tally.answered,
                tally.empty / n,
                classes.get(worst),
                tally.shareOfErrors(worst));
    }

    private static List<Double> ends(Interval interval) {
        return List.of(interval.low(), interval.high());
    }

    /** What was counted over items. */
    private static final class Tally {
        private final int[] items; // [K]
        private final int[] missed; // [K]
        private int errors;
        private long members;
        private int answered;
        private int answeredRight;
        private int empty;

        Tally(int classes) {
            items = new int[classes];
            missed = new int[classes];
        }

        void add(PredictionSet set, int label) {
            boolean held = set.classes().contains(label);
            items[label]++;
            missed[label] += held ? 0 : 1;
            errors += held ? 0 : 1;
            members += set.classes().size();
            answered += set.abstain() ? 0 : 1;
            answeredRight += !set.abstain() && held ? 1 : 0;
            empty += set.classes().isEmpty() ? 1 : 0;
        }

        double shareOfErrors(int k) {
            return items[k] == 0 ? 0 : (double) missed[k] / items[k];
        }

        int worstClass() {
            int worst = 0;
            for (int k = 1; k < items.length; k++) {
                worst = shareOfErrors(k) > shareOfErrors(worst) ? k : worst;
            }
            return worst;
        }
    }

    /** Returns what a person should know, one line each. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (judged == 0) {
            warnings.add(
                    "the classifier was calibrated on all of these items, so they cannot show what its probabilities and "
                            + "sets are worth: give others");
        } else if (leftOut > 0) {
            warnings.add(leftOut + " of these items calibrated the classifier and are left out of the figures of "
                    + "probabilities and sets");
        }
        for (Sets s : sets) {
            if (s.tooFewItems()) {
                warnings.add(tooFewItems(s.errorRate(), calibrationItems));
            }
        }
        return warnings;
    }

    /** Says that there are too few calibration items for an error rate, and what to do. */
    public static String tooFewItems(double errorRate, int calibrationItems) {
        return "an error rate of " + errorRate + " needs at least " + ConformalSets.leastItems(errorRate)
                + " calibration items; the classifier has " + calibrationItems
                + ", so every set holds every class: state a higher rate, or calibrate on more items";
    }
}
