package dev.lapidary.concept.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConformalSetsTest {
    private static final List<Double> NINE = List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9);

    @ParameterizedTest
    @CsvSource({ // the ⌊(9 + 1)·rate⌋-th smallest; products of doubles that fall just short of an integer count as it
        "0.05, 0",
        "0.09999, 0",
        "0.1, 0.1",
        "0.19, 0.1",
        "0.2, 0.2",
        "0.29999999999999998, 0.3",
        "0.7, 0.7",
        "0.95, 0.9"
    })
    void thresholdIsAnOrderStatistic(double rate, double threshold) {
        ConformalSets sets = ConformalSets.of(NINE, rate);

        assertThat(sets.threshold()).isEqualTo(threshold);
        assertThat(sets.tooFewItems()).isEqualTo(threshold == 0);
        assertThat(sets.items()).isEqualTo(9);
    }

    @Test
    void setHoldsTheClassesFromTheThresholdOnTheLikeliestFirst() {
        ConformalSets sets = ConformalSets.of(NINE, 0.2);

        assertThat(sets.set(new double[] {0.2, 0.19, 0.61})).isEqualTo(new PredictionSet(List.of(2, 0)));
        assertThat(sets.set(new double[] {0.1, 0.05, 0.85})).isEqualTo(new PredictionSet(List.of(2)));
        assertThat(ConformalSets.of(NINE, 0.9).set(new double[] {0.5, 0.5}).classes())
                .isEmpty();
        assertThat(ConformalSets.of(NINE, 0.05).set(new double[] {0, 1}).classes())
                .containsExactly(1, 0);
    }

    @Test
    void abstainsUnlessTheSetIsOneClass() {
        assertThat(new PredictionSet(List.of(2)).abstain()).isFalse();
        assertThat(new PredictionSet(List.of()).abstain()).isTrue();
        assertThat(new PredictionSet(List.of(0, 1)).abstain()).isTrue();
        assertThat(new PredictionSet(List.of(1, 0)).names(List.of("a", "b"))).containsExactly("b", "a");
    }

    @ParameterizedTest
    @CsvSource({"0.5, 1", "0.1, 9", "0.05, 19", "0.01, 99", "0.001, 999", "0.3, 3", "0.99, 1"})
    void leastItemsAreThoseWithWhichAClassCanBeLeftOut(double rate, int least) {
        assertThat(ConformalSets.leastItems(rate)).isEqualTo(least);
        assertThat(ConformalSets.of(ones(least), rate).tooFewItems()).isFalse();
        if (least > 1) {
            assertThat(ConformalSets.of(ones(least - 1), rate).tooFewItems()).isTrue();
        }
    }

    private static List<Double> ones(int items) {
        return IntStream.range(0, items).mapToObj(i -> 1.0).toList();
    }

    @Test
    void rateInUseIsThatOfABetaDistribution() {
        // quantiles of Beta(2, 8) and Beta(9, 91), by scipy.stats.beta.ppf
        var few = ConformalSets.of(NINE, 0.2).rateInUse();
        assertThat(few.low()).isEqualTo(0.0281449735, within(1e-9));
        assertThat(few.high()).isEqualTo(0.4824965149, within(1e-9));
        var more = ConformalSets.of(ones(99), 0.09).rateInUse();
        assertThat(more.low()).isEqualTo(0.0424164701, within(1e-9));
        assertThat(more.high()).isEqualTo(0.1530269800, within(1e-9));
        assertThat(ConformalSets.of(NINE, 0.05).rateInUse().high()).isZero();
    }

    /** The share of test items whose set lacks the true class, over many calibrations. */
    private static double errors(Function<PlantedScores, Function<double[], List<Integer>>> calibrate) {
        Random random = new Random(8);
        int errors = 0;
        for (int r = 0; r < REPETITIONS; r++) {
            Function<double[], List<Integer>> sets = calibrate.apply(PlantedScores.draw(CALIBRATED, 3, random));
            PlantedScores tested = PlantedScores.draw(TESTED, 3, random);
            for (int i = 0; i < TESTED; i++) {
                errors += sets.apply(tested.told()[i]).contains(tested.labels()[i]) ? 0 : 1;
            }
        }
        return (double) errors / (REPETITIONS * TESTED);
    }

    private static final int REPETITIONS = 2000;
    private static final int CALIBRATED = 50;
    private static final int TESTED = 10;
    private static final double RATE = 0.1;

    /** Four deviations of the mean of {@value #REPETITIONS} repetitions, each a binomial share with a Beta(5, 46) rate. */
    private static final double CHANCE = 4 * Math.sqrt((0.098 * 0.902 / TESTED + 0.098 * 0.902 / 52) / REPETITIONS);

    @Test
    void setsLackTheTrueClassInTheStatedShareOfCases() {
        var chosenOn = PlantedScores.draw(30, 3, new Random(7)).items("others");
        double errors = errors(items -> {
            Calibration calibration = Calibration.of(chosenOn, items.items("these"));
            return scores -> calibration.predictionSet(scores, RATE).classes();
        });

        assertThat(errors).isEqualTo(5.0 / 51, within(CHANCE)).isLessThan(RATE + CHANCE);
    }

    @Test
    void setsThatTakeTheSoftmaxAtItsWordDoNot() {
        double errors = errors(items -> scores -> {
            double[] shares = Temperature.softmax(scores); // told three times too surely
            List<Integer> order = IntStream.range(0, shares.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer k) -> -shares[k]))
                    .toList();
            double mass = 0;
            int size = 0;
            while (mass < 1 - RATE) {
                mass += shares[order.get(size++)];
            }
            return order.subList(0, size);
        });

        assertThat(errors).isGreaterThan(RATE + 0.1);
    }

    @Test
    void setsCalibratedOnItemsThatChoseTheClassifierDoNotEither() {
        Random random = new Random(9);
        int chosenOn = 0;
        int unseen = 0;
        for (int r = 0; r < 400; r++) {
            double[][][] candidates = new double[30][][]; // equally good: the label's score is drawn 1 higher
            for (int c = 0; c < candidates.length; c++) {
                candidates[c] = scores(2 * CALIBRATED + TESTED, random);
            }
            double[][] best = Arrays.stream(candidates)
                    .max(Comparator.comparingDouble(z -> right(z, 0, CALIBRATED)))
                    .orElseThrow();
            chosenOn += missed(best, 0);
            unseen += missed(best, CALIBRATED);
        }

        assertThat(unseen / (400.0 * TESTED)).isEqualTo(5.0 / 51, within(0.027)); // four deviations
        assertThat(chosenOn / (400.0 * TESTED)).isGreaterThan(RATE + 0.03);
    }

    /** Scores of items that all belong to class 0. */
    private static double[][] scores(int items, Random random) {
        double[][] z = new double[items][3];
        for (double[] row : z) {
            Arrays.setAll(row, k -> random.nextGaussian() + (k == 0 ? 1 : 0));
        }
        return z;
    }

    private static double right(double[][] z, int from, int to) {
        return Arrays.stream(z, from, to)
                .filter(row -> row[0] > row[1] && row[0] > row[2])
                .count();
    }

    /** Of the last items, how many sets calibrated on those from a place on lack the true class. */
    private static int missed(double[][] z, int from) {
        ConformalSets sets = ConformalSets.of(
                Arrays.stream(z, from, from + CALIBRATED)
                        .map(row -> Temperature.softmax(row)[0])
                        .sorted()
                        .toList(),
                RATE);
        return (int) Arrays.stream(z, 2 * CALIBRATED, z.length)
                .filter(row -> !sets.set(Temperature.softmax(row)).classes().contains(0))
                .count();
    }

    @Test
    void rateMustBeBetweenZeroAndOne() {
        for (double rate : new double[] {0, 1, -0.1, 10, Double.NaN}) {
            assertThatThrownBy(() -> ConformalSets.of(NINE, rate))
                    .isInstanceOf(InputException.class)
                    .hasMessage("the error rate must be above 0 and below 1, such as 0.1 for one in ten; got " + rate);
        }
    }
}
