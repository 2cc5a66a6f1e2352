package dev.lapidary.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.synthetic.SeasonalSeries.Season;
import dev.lapidary.synthetic.SeasonalSeries.Series;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeasonalSeriesTest {
    private static final int LENGTH = 4000;
    private static final SeasonalSeries SETTINGS =
            new SeasonalSeries(LENGTH, List.of(new Season(24, 2), new Season(100, 1)), 0.5, 4, 0.7, 0.4, 12, 6);
    private static final Series SERIES = SETTINGS.draw(3, 0);

    @Test
    void partsAddUp() {
        for (int t = 0; t < LENGTH; t++) {
            double sum = SERIES.trend()[t] + SERIES.seasonal()[t] + SERIES.remainder()[t] + SERIES.outliers()[t];
            assertThat(SERIES.values()[t]).isCloseTo(sum, within(1e-12));
        }
    }

    @Test
    void theSlopeChangesAtTheChangePointsAlone() {
        assertThat(SERIES.changePoints()).hasSize(4).isSorted();
        for (int t = 1; t + 1 < LENGTH; t++) {
            double before = SERIES.trend()[t] - SERIES.trend()[t - 1];
            double after = SERIES.trend()[t + 1] - SERIES.trend()[t];
            boolean change = Arrays.binarySearch(SERIES.changePoints(), t) >= 0;
            assertThat(Math.abs(after - before) > 1e-9).as("step " + t).isEqualTo(change);
        }
    }

    @Test
    void outliersStandWhereTheTruthSays() {
        for (int t = 0; t < LENGTH; t++) {
            boolean outlier = Arrays.binarySearch(SERIES.outlierSteps(), t) >= 0;
            assertThat(Math.abs(SERIES.outliers()[t])).isEqualTo(outlier ? 6 : 0);
        }
        assertThat(SERIES.outlierSteps()).hasSize(12);
    }

    @Test
    void theSeasonsAreFoundAtTheirPeriodsAndNotAtOthers() {
        double[] detrended = new double[LENGTH];
        for (int t = 0; t < LENGTH; t++) {
            detrended[t] = SERIES.values()[t] - SERIES.trend()[t] - SERIES.outliers()[t];
        }
        assertThat(amplitude(detrended, 24)).isCloseTo(2, within(0.15));
        assertThat(amplitude(detrended, 100)).isCloseTo(1, within(0.15));
        assertThat(amplitude(detrended, 37)).isLessThan(0.15);
    }

    private static double amplitude(double[] values, double period) {
        double[][] waves = new double[values.length][2];
        for (int t = 0; t < values.length; t++) {
            waves[t][0] = Math.sin(2 * Math.PI * t / period);
            waves[t][1] = Math.cos(2 * Math.PI * t / period);
        }
        double[] fit = LeastSquares.fit(waves, values);
        return Math.hypot(fit[1], fit[2]);
    }

    @Test
    void whoKnowsThePartsForecastsToTheInnovationAndNobodyBetter() {
        double error = 0;
        double naive = 0;
        double product = 0;
        double square = 0;
        for (int t = 1; t < LENGTH; t++) {
            double known = SERIES.trend()[t] + SERIES.seasonal()[t] + SERIES.outliers()[t];
            double innovation = SERIES.values()[t] - known - 0.7 * SERIES.remainder()[t - 1];
            error += innovation * innovation / (LENGTH - 1);
            naive += Math.pow(SERIES.values()[t] - SERIES.values()[t - 1], 2) / (LENGTH - 1);
            product += SERIES.remainder()[t] * SERIES.remainder()[t - 1];
            square += SERIES.remainder()[t - 1] * SERIES.remainder()[t - 1];
        }
        double se = Math.sqrt(2.0 / LENGTH);
        assertThat(error).isCloseTo(0.16, within(4 * 0.16 * se));
        assertThat(naive).isGreaterThan(2 * error);
        assertThat(product / square).isCloseTo(0.7, within(4 * Math.sqrt((1 - 0.49) / LENGTH)));
    }

    @Test
    void theNoiseBeginsInItsStationaryState() {
        double first = 0;
        int n = 2000;
        SeasonalSeries two = new SeasonalSeries(2, List.of(), 0, 0, 0.9, 1, 0, 0);
        for (int i = 0; i < n; i++) {
            first += Math.pow(two.draw(1, i).values()[0], 2) / n;
        }
        double variance = 1 / (1 - 0.81);
        assertThat(first).isCloseTo(variance, within(4 * variance * Math.sqrt(2.0 / n)));
    }

    @Test
    void seriesRepeatAndDifferByIndexAndSeed() {
        assertThat(SETTINGS.draw(3, 0).values()).isEqualTo(SERIES.values());
        assertThat(SETTINGS.draw(3, 1).values()).isNotEqualTo(SERIES.values());
        assertThat(SETTINGS.draw(4, 0).values()).isNotEqualTo(SERIES.values());
    }

    @Test
    void badValuesAreNamed() {
        assertThatThrownBy(() -> new Season(1, 1)).hasMessageContaining("got 1.0 and 1.0");
        assertThatThrownBy(() -> SeasonalSeries.defaults(1)).hasMessageContaining("got 1");
        assertThatThrownBy(() -> new SeasonalSeries(9, List.of(), 0, 0, 1, 1, 0, 0))
                .hasMessageContaining("got 1.0");
        assertThatThrownBy(() -> new SeasonalSeries(9, List.of(), 0, 9, 0, 1, 0, 0))
                .hasMessageContaining("from 0 to 7; got 9");
        assertThatThrownBy(() -> new SeasonalSeries(9, List.of(), -1, 0, 0, 1, 0, 0))
                .hasMessageContaining("got -1.0");
    }
}
