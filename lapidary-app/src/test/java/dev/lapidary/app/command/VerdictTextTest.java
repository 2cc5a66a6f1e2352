package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.concept.classifier.Report;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictTextTest {
    private static final double ACCURACY = 0.8;

    /** A report whose baselines have these accuracies, with intervals that many points wide to each side. */
    private static Report report(Map<String, Double> baselines, double halfPoints) {
        Map<String, List<Double>> intervals = new HashMap<>();
        baselines.forEach((id, accuracy) -> intervals.put(
                id, List.of(ACCURACY - accuracy - halfPoints / 100, ACCURACY - accuracy + halfPoints / 100)));
        var detail = new Report.SeedReport(
                3, ACCURACY, ACCURACY, 2, ACCURACY, 2, List.of(), baselines, Map.of(), Map.of(), Map.of(), List.of());
        return new Report(
                "sparse",
                false,
                ACCURACY,
                ACCURACY,
                2,
                5,
                2,
                10,
                1,
                List.of(ACCURACY),
                baselines,
                intervals,
                0,
                0.5,
                List.of(detail),
                List.of());
    }

    @Test
    void namesMatterWhereBothIntervalsLieAboveZero() {
        Report report = report(Map.of("random-words", 0.7, "random-directions", 0.75, "linear-probe", 0.85), 2);

        assertThat(VerdictText.of(report))
                .isEqualTo("The concepts' names matter: 10.0 points better than random-words; 5.0 points better than "
                        + "random-directions.\nThe explanation costs 5.0 points of accuracy against linear-probe, which "
                        + "decides without concepts.\n");
    }

    @Test
    void undecidedWhereAnIntervalHoldsZero() {
        Report report = report(Map.of("random-words", 0.7, "random-directions", 0.79, "linear-probe", 0.81), 2);

        assertThat(VerdictText.of(report))
                .startsWith("Whether the concepts' names matter is undecided: 10.0 points better than random-words; "
                        + "against random-directions the interval from -1.0 to +3.0 points holds 0.\n")
                .contains("is undecided: the interval from -3.0 to +1.0 points holds 0.");
    }

    @Test
    void worseThanAControlIsSaid() {
        Report report = report(Map.of("random-words", 0.9, "random-directions", 0.7, "linear-probe", 0.7), 2);

        assertThat(VerdictText.of(report))
                .startsWith("The concepts' names do not help: 10.0 points worse than random-words; 10.0 points better")
                .contains("costs no accuracy: 10.0 points better than linear-probe");
    }

    @Test
    void whatWasNotMeasuredIsSaid() {
        assertThat(VerdictText.of(report(Map.of(), 2)))
                .isEqualTo(
                        "Whether the concepts' names matter was not measured: random-words not measured; "
                                + "random-directions not measured.\nWhat the explanation costs against linear-probe was not measured.\n");
    }

    @Test
    void jsonHasTheVerdictPerBaseline() {
        var verdicts = ReportView.json(
                        report(Map.of("zero-shot", 0.8, "random-words", 0.7, "linear-probe", 0.85), 2), false)
                .path("verdicts");

        assertThat(verdicts.toString())
                .isEqualTo("{\"zero-shot\":\"undecided\",\"linear-probe\":\"worse\",\"random-words\":\"better\"}");
    }
}
