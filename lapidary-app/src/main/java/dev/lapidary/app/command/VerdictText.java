package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.Baseline;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.classifier.Report.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says in plain words whether names matter and what the explanation costs. */
final class VerdictText {
    private static final List<Baseline> CONTROLS = List.of(Baseline.RANDOM_WORDS, Baseline.RANDOM_DIRECTIONS);

    private VerdictText() {}

    /** Two sentences, a line each. */
    static String of(Report report) {
        return names(report) + "\n" + cost(report) + "\n";
    }

    private static String names(Report report) {
        List<Optional<Verdict>> found = CONTROLS.stream().map(report::verdict).toList();
        String said;
        if (found.stream().allMatch(Optional.of(Verdict.BETTER)::equals)) {
            said = "The concepts' names matter";
        } else if (found.contains(Optional.of(Verdict.WORSE))) {
            said = "The concepts' names do not help";
        } else if (found.contains(Optional.of(Verdict.UNDECIDED))) {
            said = "Whether the concepts' names matter is undecided";
        } else {
            said = "Whether the concepts' names matter was not measured";
        }
        return said + ": " + against(report, CONTROLS.get(0)) + "; " + against(report, CONTROLS.get(1)) + ".";
    }

    private static String against(Report report, Baseline control) {
        String name = control.id();
        return report.verdict(control)
                .map(verdict -> switch (verdict) {
                    case BETTER -> points(report, control) + " better than " + name;
                    case WORSE -> points(report, control) + " worse than " + name;
                    case UNDECIDED -> "against " + name + " " + undecided(report, control);
                })
                .orElse(name + " not measured");
    }

    private static String cost(Report report) {
        Baseline probe = Baseline.LINEAR_PROBE;
        String other = "linear-probe, which decides without concepts";
        return report.verdict(probe)
                .map(verdict -> switch (verdict) {
                    case BETTER ->
                        "The explanation costs no accuracy: " + points(report, probe) + " better than " + other + ".";
                    case WORSE ->
                        "The explanation costs " + points(report, probe) + " of accuracy against " + other + ".";
                    case UNDECIDED ->
                        "Whether the explanation costs accuracy against " + other + ", is undecided: "
                                + undecided(report, probe) + ".";
                })
                .orElse("What the explanation costs against linear-probe was not measured.");
    }

    /** The size of the mean difference. */
    private static String points(Report report, Baseline baseline) {
        double difference = report.accuracy() - report.baselines().getOrDefault(baseline.id(), Double.NaN);
        return String.format(Locale.ROOT, "%.1f points", 100 * Math.abs(difference));
    }

    private static String undecided(Report report, Baseline baseline) {
        List<Double> interval = report.intervals().getOrDefault(baseline.id(), List.of(Double.NaN, Double.NaN));
        return String.format(
                Locale.ROOT,
                "the interval from %s to %s points holds 0",
                ReportView.points(interval.get(0)),
                ReportView.points(interval.get(1)));
    }
}
