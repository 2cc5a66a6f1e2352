package dev.lapidary.concept.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.metric.Probabilities;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
    @Test
    void probabilitiesAreTheSoftmaxOfTheScoresDividedByIt() {
        double[] p = new Temperature(2).probabilities(new double[] {2 * Math.log(6), 2 * Math.log(3), 2 * Math.log(1)});

        assertThat(p[0]).isEqualTo(0.6, within(1e-15));
        assertThat(p[1]).isEqualTo(0.3, within(1e-15));
        assertThat(p[2]).isEqualTo(0.1, within(1e-15));
        assertThat(new Temperature(1e-3).probabilities(new double[] {700, 900})).containsExactly(0, 1); // no overflow
    }

    @Test
    void fitIsTheLeastLogLossOfTheItemsAndOneOfAllClasses() {
        // scores (1, −1), and 8 of 10 items right: the loss is least where tanh(1/T) = (8 − 2)/(10 + 1)
        double[][] scores = new double[10][];
        Arrays.fill(scores, new double[] {1, -1});
        int[] labels = {0, 0, 0, 0, 1, 0, 0, 1, 0, 0};

        assertThat(Temperature.fit(scores, labels).value()).isEqualTo(1 / atanh(6.0 / 11), within(1e-12));
    }

    @Test
    void itemsThatAreAllRightDoNotMakeCertain() {
        double[][] scores = {{1, -1}, {-1, 1}, {1, -1}};

        Temperature fitted = Temperature.fit(scores, new int[] {0, 1, 0});

        assertThat(fitted.value()).isEqualTo(1 / atanh(3.0 / 4), within(1e-12));
        assertThat(fitted.probabilities(scores[0])[0]).isEqualTo(7.0 / 8, within(1e-12));
    }

    private static double atanh(double x) {
        return 0.5 * Math.log((1 + x) / (1 - x));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.5, 1, 3, 200})
    void fitRecoversThePlantedFactor(double factor) {
        var planted = PlantedScores.draw(4000, factor, new Random(31));

        double fitted = Temperature.fit(planted.told(), planted.labels()).value();

        // four times 1/√(n·v), with v = 0.65 the mean variance of the scores under their softmax
        assertThat(Math.log(fitted / factor)).isEqualTo(0, within(0.08));
    }

    @Test
    void fitLowersTheLogLossOfOtherItems() {
        Random random = new Random(5);
        var chosenOn = PlantedScores.draw(500, 4, random);
        var other = PlantedScores.draw(2000, 4, random);
        Temperature fitted = Temperature.fit(chosenOn.told(), chosenOn.labels());

        double before = logLoss(other, new Temperature(1));
        double after = logLoss(other, fitted);

        assertThat(before).isGreaterThan(1.5);
        assertThat(after).isLessThan(logLoss(other, new Temperature(4)) + 0.01); // the planted one
    }

    private static double logLoss(PlantedScores items, Temperature temperature) {
        double[][] p =
                Arrays.stream(items.told()).map(temperature::probabilities).toArray(double[][]::new);
        return Probabilities.logLoss(p, items.labels());
    }

    @Test
    void scoresThatSayNothingOrTheOppositeAreFlattened() {
        assertThat(Temperature.fit(new double[][] {{3, 3}}, new int[] {1}).value())
                .isEqualTo(1);
        double[][] opposite = {{5, -5, 0}, {0, 5, -5}};

        double[] p = Temperature.fit(opposite, new int[] {1, 2}).probabilities(opposite[0]);

        assertThat(p[0]).isBetween(1 / 3.0, 0.334);
    }

    @Test
    void whatIsNoTemperatureIsRefused() {
        for (double value : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new Temperature(value))
                    .isInstanceOf(InputException.class)
                    .hasMessage("a temperature must be above 0 and finite; got " + value);
        }
        assertThatThrownBy(() -> Temperature.fit(new double[0][], new int[0]))
                .hasMessage("scores and labels must be of the same items, at least 1; got 0 and 0");
        assertThatThrownBy(() -> Temperature.fit(new double[][] {{1, Double.NaN}}, new int[] {0}))
                .hasMessage("scores must be finite; got a spread of NaN");
    }
}
