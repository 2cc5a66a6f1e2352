package dev.lapidary.app.command;

import dev.lapidary.concept.calibration.CalibrationReport;
import dev.lapidary.concept.calibration.CalibrationReport.Quality;
import dev.lapidary.concept.explain.TextTable;
import java.util.List;
import java.util.Locale;

/** Shows what probabilities and prediction sets are worth: two tables with what they mean. */
final class CalibrationView {
    private CalibrationView() {}

    static String text(CalibrationReport report, long seed) {
        Quality before = report.before();
        Quality after = report.after();
        if (before == null || after == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Probabilities of seed %d, which decides (not a mean over seeds), %d items; temperature %.3f from %s%n",
                seed,
                report.judged(),
                report.temperature(),
                report.temperatureFrom()));
        text.append(new TextTable()
                .row("", "calibration error", "interval", "log loss", "Brier")
                .row(quality("softmax", before))
                .row(quality("calibrated", after)));
        text.append(String.format(
                Locale.ROOT, "%nPrediction sets, calibrated on %d %s%n", report.calibrationItems(), report.setsFrom()));
        TextTable sets = new TextTable()
                .row(
                        "error rate",
                        "errors",
                        "interval",
                        "expected",
                        "classes a set",
                        "answered",
                        "right",
                        "worst class");
        for (CalibrationReport.Sets s : report.sets()) {
            Double right = s.answeredRight();
            sets.row(
                    ReportView.percent(s.errorRate()),
                    ReportView.percent(s.errors()),
                    percents(s.errorsInterval()),
                    percents(s.rateInUse()),
                    String.format(Locale.ROOT, "%.2f", s.meanSize()),
                    ReportView.percent(s.answered()),
                    right == null ? "-" : ReportView.percent(right),
                    s.worstClass() + " " + ReportView.percent(s.worstClassErrors()));
        }
        text.append(sets);
        text.append("""

                Calibration error: how far the probability of the predicted class is from the share that is right.
                Errors: sets without the true class. Expected: where that rate lies in 95 % of cases, given how many items
                the sets were calibrated on. Answered: sets of one class; for the rest the classifier abstains. Right: of
                those. Worst class: the one whose items most often have a set without it.
                """);
        return text.toString();
    }

    private static String[] quality(String name, Quality quality) {
        return new String[] {
            name,
            ReportView.percent(quality.calibrationError()),
            percents(quality.calibrationErrorInterval()),
            String.format(Locale.ROOT, "%.3f", quality.logLoss()),
            String.format(Locale.ROOT, "%.3f", quality.brier())
        };
    }

    private static String percents(List<Double> ends) {
        return String.format(Locale.ROOT, "[%.1f, %.1f]", 100 * ends.getFirst(), 100 * ends.getLast());
    }
}
