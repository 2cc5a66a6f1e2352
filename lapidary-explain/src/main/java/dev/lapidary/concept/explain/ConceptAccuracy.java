package dev.lapidary.concept.explain;

import dev.lapidary.data.Names;
import dev.lapidary.metric.BinaryScores;
import dev.lapidary.metric.Interval;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Whether scores of named concepts mean what the names say, judged by true labels, with the same scores under other names beside it.
 *
 * <p>A concept is called present where its score is above a threshold of its own, which is chosen on validation items alone; balanced
 * accuracy is the mean of the shares of present and of absent test items that are called right, a half for a coin. Means are over the
 * concepts that {@link #LEAST_SHARE} to {@link #MOST_SHARE} of the test items show; of rarer ones a few items would decide.
 *
 * @param concepts figures of every concept, in order
 * @param counted how many of them the means are over
 * @param balancedAccuracy mean on the test items; NaN where no concept counts, as are the next three
 * @param low lower end of its 95 % interval, a percentile bootstrap over the test items with thresholds as they are
 * @param high upper end
 * @param rocArea mean area under the ROC curve, which needs no threshold
 * @param shuffled the control, once for each seed; none where fewer than two concepts count
 */
public record ConceptAccuracy(
        List<Figures> concepts,
        int counted,
        double balancedAccuracy,
        double low,
        double high,
        double rocArea,
        List<ShuffledNames> shuffled) {
    /** A concept counts where at least this share of the test items show it. */
    public static final double LEAST_SHARE = 0.1;

    /** A concept counts where at most this share of the test items show it. */
    public static final double MOST_SHARE = 0.9;

    /** The most concepts; time grows with their cube. */
    public static final int MOST_CONCEPTS = 1_000;

    /**
     * The figures of one concept.
     *
     * @param name the concept
     * @param share of the test items that show it, among those of which it is known; NaN where it is known of none
     * @param counted whether the means count it
     * @param threshold of the score; negative infinity where calling all items the same was best; NaN where the validation items do
     *     not show it, or all show it
     * @param balancedAccuracy on the test items; NaN without a threshold, or where the test items do not show it, or all show it
     * @param rocArea area under the ROC curve on the test items; NaN where they do not show it, or all show it
     */
    public record Figures(
            String name, double share, boolean counted, double threshold, double balancedAccuracy, double rocArea) {}

    /** Copies the lists. */
    public ConceptAccuracy {
        concepts = List.copyOf(concepts);
        shuffled = List.copyOf(shuffled);
    }

    /**
     * Measures it.
     *
     * @param names distinct names of the concepts, k of them
     * @param validation items that choose thresholds and stand-ins
     * @param test other items, which judge
     * @param seeds each draws stand-ins once
     * @throws InputException where the sizes differ, or a name is given twice
     */
    public static ConceptAccuracy measure(
            List<String> names, LabelledScores validation, LabelledScores test, long... seeds) {
        requireSizes(names, validation, test);
        List<Figures> concepts = IntStream.range(0, names.size())
                .mapToObj(k -> figures(names.get(k), k, validation, test))
                .toList();
        int[] judged = IntStream.range(0, names.size())
                .filter(k -> concepts.get(k).counted())
                .toArray();
        if (judged.length == 0) {
            return new ConceptAccuracy(concepts, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, List.of());
        }
        double[] thresholds = concepts.stream().mapToDouble(Figures::threshold).toArray();
        Interval interval = new AccuracyBootstrap(test, judged, thresholds).interval();
        return new ConceptAccuracy(
                concepts,
                judged.length,
                mean(judged, k -> concepts.get(k).balancedAccuracy()),
                interval.low(),
                interval.high(),
                mean(judged, k -> concepts.get(k).rocArea()),
                shuffled(names, judged, validation, test, seeds));
    }

    private static void requireSizes(List<String> names, LabelledScores validation, LabelledScores test) {
        if (names.isEmpty() || names.size() > MOST_CONCEPTS) {
            throw new InputException("concepts must be from 1 to " + MOST_CONCEPTS + "; got " + names.size());
        }
        if (validation.concepts() != names.size() || test.concepts() != names.size()) {
            throw new InputException("scores must be of as many concepts as there are names, " + names.size()
                    + "; got " + validation.concepts() + " on validation items and " + test.concepts()
                    + " on test items");
        }
        if (new HashSet<>(names).size() != names.size()) {
            throw new InputException("concept names must be distinct; got " + Names.list(names));
        }
    }

    private static Figures figures(String name, int k, LabelledScores validation, LabelledScores test) {
        BinaryScores choosing = validation.column(k, k);
        BinaryScores judging = test.column(k, k);
        double threshold = choosing.bothSeen() ? choosing.threshold() : Double.NaN;
        double share = judging.share();
        return new Figures(
                name,
                share,
                choosing.bothSeen() && share >= LEAST_SHARE && share <= MOST_SHARE,
                threshold,
                choosing.bothSeen() ? judging.balancedAccuracy(threshold) : Double.NaN,
                judging.rocArea());
    }

    private static List<ShuffledNames> shuffled(
            List<String> names, int[] judged, LabelledScores validation, LabelledScores test, long... seeds) {
        List<ShuffledNames> shuffled = new ArrayList<>();
        if (judged.length < 2) {
            return shuffled;
        }
        LabelDependence dependence = new LabelDependence(validation);
        double[][] phi = new double[judged.length][judged.length];
        for (int c = 0; c < judged.length; c++) {
            for (int other = 0; other < judged.length; other++) {
                phi[c][other] = dependence.phi(judged[c], judged[other]);
            }
        }
        for (long seed : seeds) {
            shuffled.add(ShuffledNames.of(names, judged, phi, validation, test, seed));
        }
        return shuffled;
    }

    private static double mean(int[] judged, IntToDoubleFunction figure) {
        return IntStream.of(judged).mapToDouble(figure).average().orElseThrow();
    }

    /** Returns the mean balanced accuracy of the control over its seeds, about a half where names carry the meaning; NaN without. */
    public double shuffledBalancedAccuracy() {
        return shuffled.stream()
                .mapToDouble(ShuffledNames::balancedAccuracy)
                .average()
                .orElse(Double.NaN);
    }

    /** Returns plain lines for a terminal. */
    public String text() {
        Lines lines = new Lines();
        if (counted == 0) {
            return lines.add(
                            "concepts: none of %d is shown by %s to %s of the test items; no accuracy",
                            concepts.size(), Lines.percent(LEAST_SHARE), Lines.percent(MOST_SHARE))
                    .toString();
        }
        lines.add(
                "concepts: balanced accuracy %s (%s to %s), area under the ROC curve %.3f; mean of %d of %d concepts",
                Lines.percent(balancedAccuracy),
                Lines.percent(low),
                Lines.percent(high),
                rocArea,
                counted,
                concepts.size());
        if (!shuffled.isEmpty()) {
            lines.add(
                    "shuffled names: balanced accuracy %s; mean of %d seeds",
                    Lines.percent(shuffledBalancedAccuracy()), shuffled.size());
        }
        for (ShuffledNames control : shuffled) {
            control.dependent()
                    .forEach(pair -> lines.add(
                            "shuffled names: \"%s\" for \"%s\" could not be kept independent (phi %+.2f, seed %d)",
                            pair.standIn(), pair.concept(), pair.phi(), control.seed()));
        }
        return lines.toString();
    }
}
