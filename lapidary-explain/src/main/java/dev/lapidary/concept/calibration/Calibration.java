package dev.lapidary.concept.calibration;

import dev.lapidary.runtime.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What turns a classifier's scores into calibrated probabilities, and into prediction sets with a stated error rate.
 *
 * <p>Two things from two sets of items. The temperature is chosen, and may be so on items on which other settings were chosen. The
 * thresholds of prediction sets are measured: they hold their rate only where nothing, and so not the temperature either, was chosen on
 * these items.
 *
 * @param temperature T of {@link Temperature}, above 0
 * @param temperatureFrom which items chose it, for people
 * @param setsFrom which items the sets were calibrated on, for people
 * @param truth calibrated probability of the true class of each of those items, ascending [n]
 * @param contents hashes of all calibration items, see {@code Dataset.contentHash}, in hexadecimal
 */
public record Calibration(
        double temperature, String temperatureFrom, String setsFrom, List<Double> truth, List<String> contents) {
    /** Checks and copies what may have come from a file. */
    public Calibration {
        new Temperature(temperature);
        truth = List.copyOf(truth);
        contents = List.copyOf(contents);
        double before = 0;
        for (double share : truth) {
            if (!(share >= before && share <= 1)) {
                throw new InputException(
                        "a calibration's probabilities must ascend from 0 to 1; got " + share + " after " + before);
            }
            before = share;
        }
        if (truth.isEmpty()) {
            throw new InputException("a calibration must be of at least 1 item; got none");
        }
    }

    /**
     * Labelled items to calibrate on.
     *
     * @param from which they are, for people
     * @param scores of the classes [n, K]
     * @param labels true classes [n]
     * @param contents hash of each item's content [n]
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    public record Items(String from, double[][] scores, int[] labels, List<String> contents) {}

    /**
     * Calibrates.
     *
     * @param forTemperature at least one item
     * @param forSets other items, at least one, on which nothing was chosen
     */
    public static Calibration of(Items forTemperature, Items forSets) {
        Temperature temperature = Temperature.fit(forTemperature.scores(), forTemperature.labels());
        List<Double> truth = IntStream.range(0, forSets.labels().length)
                .mapToObj(i -> temperature.probabilities(forSets.scores()[i])[forSets.labels()[i]])
                .sorted()
                .toList();
        Set<String> contents = new HashSet<>(forTemperature.contents());
        contents.addAll(forSets.contents());
        return new Calibration(
                temperature.value(),
                forTemperature.from(),
                forSets.from(),
                truth,
                contents.stream().sorted().toList());
    }

    /** Returns the number of items that sets were calibrated on. */
    public int items() {
        return truth.size();
    }

    /** Returns calibrated probabilities [K], which sum to 1, for scores [K]. */
    public double[] probabilities(double[] scores) {
        return new Temperature(temperature).probabilities(scores);
    }

    /**
     * Returns the prediction sets of an error rate.
     *
     * @throws InputException where the rate is not above 0 and below 1
     */
    public ConformalSets sets(double errorRate) {
        return ConformalSets.of(truth, errorRate);
    }

    /** Returns the classes that an item with these scores [K] may belong to, see {@link ConformalSets}. */
    public PredictionSet predictionSet(double[] scores, double errorRate) {
        return sets(errorRate).set(probabilities(scores));
    }
}
