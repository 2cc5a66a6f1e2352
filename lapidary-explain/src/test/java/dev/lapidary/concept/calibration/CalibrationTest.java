package dev.lapidary.concept.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.calibration.CalibrationReport.Sets;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private static final List<String> CLASSES = List.of("a", "b", "c");

    /** Items of class 0 whose calibrated probabilities at T = 1 are given. */
    private static Calibration.Items items(String from, int[] labels, double[]... probabilities) {
        double[][] scores = new double[labels.length][];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Arrays.stream(probabilities[i]).map(Math::log).toArray();
        }
        List<String> contents =
                IntStream.range(0, labels.length).mapToObj(i -> from + i).toList();
        return new Calibration.Items(from, scores, labels, contents);
    }

    @Test
    void keepsTheSortedProbabilitiesOfTheTrueClassesAtItsTemperature() {
        var planted = PlantedScores.draw(50, 3, new Random(2)).items("planted");
        var sets = items("sets", new int[] {1, 0}, new double[] {0.2, 0.8}, new double[] {0.5, 0.5});

        Calibration calibration = Calibration.of(planted, sets);

        Temperature temperature = Temperature.fit(planted.scores(), planted.labels());
        assertThat(calibration.temperature()).isEqualTo(temperature.value());
        assertThat(calibration.truth()).containsExactly(0.5, temperature.probabilities(sets.scores()[0])[1]);
        assertThat(calibration.items()).isEqualTo(2);
        assertThat(calibration.temperatureFrom()).isEqualTo("planted");
        assertThat(calibration.setsFrom()).isEqualTo("sets");
        assertThat(calibration.contents())
                .hasSize(52)
                .contains("planted7", "sets1")
                .isSorted();
        assertThat(calibration.probabilities(sets.scores()[0])).isEqualTo(temperature.probabilities(sets.scores()[0]));
        // ⌊(2 + 1)·0.5⌋ = 1: from 0.5 on
        assertThat(calibration.predictionSet(new double[] {0, 0}, 0.5).classes())
                .containsExactly(0, 1);
        assertThat(calibration.predictionSet(new double[] {9, 0}, 0.5).abstain())
                .isFalse();
    }

    @Test
    void whatComesFromAFileIsChecked() {
        assertThatThrownBy(() -> new Calibration(1, "", "", List.of(0.5, 0.4), List.of()))
                .isInstanceOf(InputException.class)
                .hasMessage("a calibration's probabilities must ascend from 0 to 1; got 0.4 after 0.5");
        assertThatThrownBy(() -> new Calibration(1, "", "", List.of(Double.NaN), List.of()))
                .hasMessageContaining("got NaN");
        assertThatThrownBy(() -> new Calibration(1, "", "", List.of(1.1), List.of()))
                .hasMessageContaining("got 1.1");
        assertThatThrownBy(() -> new Calibration(1, "", "", List.of(), List.of()))
                .hasMessage("a calibration must be of at least 1 item; got none");
        assertThatThrownBy(() -> new Calibration(0, "", "", List.of(0.5), List.of()))
                .hasMessageContaining("a temperature must be above 0");
    }

    @Test
    void reportLeavesOutWhatCalibratedAndCountsTheRest() {
        var calibration = new Calibration(1, "v", "t", List.of(0.2, 0.4, 0.6), List.of("j0"));
        var judged = items(
                "j",
                new int[] {0, 0, 1, 1, 2},
                new double[] {0.1, 0.8, 0.1}, // left out
                new double[] {0.7, 0.2, 0.1}, // {a}: right
                new double[] {0.45, 0.45, 0.1}, // {a, b}
                new double[] {0.6, 0.3, 0.1}, // {a}: b is missing
                new double[] {0.35, 0.35, 0.3}); // {}

        var report = CalibrationReport.of(calibration, judged, CLASSES, List.of(0.5, 0.2));

        assertThat(report.judged()).isEqualTo(4);
        assertThat(report.leftOut()).isEqualTo(1);
        Sets half = report.sets().getFirst(); // ⌊4·0.5⌋ = 2: from 0.4 on
        assertThat(half.errors()).isEqualTo(0.5);
        assertThat(half.errorsInterval().getFirst()).isEqualTo(0.067585986488542, within(1e-9));
        assertThat(half.meanSize()).isEqualTo(1);
        assertThat(half.answered()).isEqualTo(0.5);
        assertThat(half.answeredRight()).isEqualTo(0.5);
        assertThat(half.empty()).isEqualTo(0.25);
        assertThat(half.worstClass()).isEqualTo("c");
        assertThat(half.worstClassErrors()).isEqualTo(1);
        assertThat(half.tooFewItems()).isFalse();
        Sets fifth = report.sets().getLast(); // ⌊4·0.2⌋ = 0: every class
        assertThat(fifth.tooFewItems()).isTrue();
        assertThat(fifth.errors()).isZero();
        assertThat(fifth.meanSize()).isEqualTo(3);
        assertThat(fifth.answeredRight()).isNull();
        assertThat(report.warnings())
                .containsExactly(
                        "1 of these items calibrated the classifier and are left out of the figures of probabilities and sets",
                        "an error rate of 0.2 needs at least 4 calibration items; the classifier has 3, so every set holds every "
                                + "class: state a higher rate, or calibrate on more items");
    }

    @Test
    void reportSaysWhatTheTemperatureMends() {
        Random random = new Random(3);
        var calibration = Calibration.of(
                PlantedScores.draw(1000, 3, random).items("v"),
                PlantedScores.draw(10, 3, random).items("t"));
        var judged = PlantedScores.draw(3000, 3, random).items("j");

        var report = CalibrationReport.of(calibration, judged, List.of("a", "b", "c", "d", "e"), List.of());

        var before = Objects.requireNonNull(report.before());
        var after = Objects.requireNonNull(report.after());
        assertThat(before.calibrationErrorInterval().getFirst()).isGreaterThan(0.1);
        assertThat(after.calibrationErrorInterval().getFirst()).isLessThan(0.01);
        assertThat(after.calibrationError()).isLessThan(0.03);
        assertThat(after.logLoss()).isLessThan(before.logLoss() - 0.2);
        assertThat(after.brier()).isLessThan(before.brier() - 0.05);
        var identity = new Calibration(1, "v", "t", calibration.truth(), List.of());
        var same = CalibrationReport.of(identity, judged, List.of("a", "b", "c", "d", "e"), List.of());
        assertThat(same.after()).isEqualTo(same.before());
    }

    @Test
    void reportOfCalibrationItemsAloneHasNoFigures() {
        var calibration = new Calibration(1, "v", "t", List.of(0.2), List.of("j0"));

        var report = CalibrationReport.of(
                calibration, items("j", new int[] {0}, new double[] {0.5, 0.3, 0.2}), CLASSES, List.of(0.1));

        assertThat(report.judged()).isZero();
        assertThat(report.before()).isNull();
        assertThat(report.sets()).isEmpty();
        assertThat(report.warnings()).singleElement().asString().contains("calibrated on all of these items");
    }
}
