package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.Baseline;
import dev.lapidary.concept.classifier.Report;
import dev.lapidary.concept.explain.TextTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows what a training or an evaluation measured: a table for people, an object for programs. */
final class ReportView {
    private static final List<String> CURVES = List.of("dial", "elasticNet");

    private ReportView() {}

    /** The report's fields; the long curves of each seed only on request. */
    static ObjectNode json(Report report, boolean full) {
        ObjectNode object = JsonLine.object(report);
        Report.SeedReport deciding = report.deciding();
        object.putObject("decides").put("seed", deciding.seed()).put("accuracy", deciding.accuracy());
        ObjectNode reached = object.putObject("necReached").put(Report.METHOD, report.nec());
        for (Baseline baseline : List.of(Baseline.RANDOM_WORDS, Baseline.RANDOM_DIRECTIONS)) {
            Double nec = mean(report, baseline.id(), Report.SeedReport::baselineNec);
            if (nec != null) {
                reached.put(baseline.id(), nec);
            }
        }
        ObjectNode verdicts = object.putObject("verdicts");
        for (Baseline baseline : Baseline.values()) {
            report.verdict(baseline).ifPresent(verdict -> verdicts.put(baseline.id(), verdict.word()));
        }
        if (!full) {
            for (JsonNode seed : object.path("details")) {
                CURVES.forEach(((ObjectNode) seed)::remove);
            }
        }
        return object;
    }

    static String text(Report report, List<String> classes, boolean perClass) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d items judged per seed, %d classes, %d concepts, %s%n%n",
                report.examples(),
                report.classes(),
                report.concepts(),
                count(report.seeds().size(), "seed")));
        text.append(comparison(report));
        text.append(String.format(
                Locale.ROOT,
                "%nNEC: effective concepts per class. Difference: %s minus the other, in points, with its 95 %% interval.%n"
                        + "Always naming the most frequent class would be right for %s.%n",
                report.method(),
                percent(report.majority())));
        text.append(decides(report)).append('\n').append(VerdictText.of(report));
        if (perClass) {
            text.append('\n').append(classTable(report, classes));
        }
        return text.toString();
    }

    /** Which seed predictions come from; its figure is not the mean above. */
    private static String decides(Report report) {
        int seeds = report.details().size();
        String spread = seeds < 2
                ? ""
                : "Accuracy ±: standard deviation over the " + seeds
                        + " seeds, in points; all figures above are means over seeds.\n";
        Report.SeedReport seed = report.deciding();
        return spread
                + String.format(
                        Locale.ROOT,
                        "Predictions come from seed %d alone%s: %s of these items are right, NEC %s.%n",
                        seed.seed(),
                        seeds < 2 ? "" : ", the best on its validation items",
                        percent(seed.accuracy()),
                        decimal(seed.nec()));
    }

    private static String comparison(Report report) {
        TextTable table = new TextTable().row("", "accuracy", "macro F1", "NEC", "difference", "interval");
        String spread =
                report.seeds().size() < 2 ? "" : String.format(Locale.ROOT, " ± %.1f", 100 * report.deviation());
        table.row(
                report.method() + (report.faithful() ? " (faithful)" : ""),
                percent(report.accuracy()) + spread,
                percent(report.macroF1()),
                decimal(report.nec()));
        for (Baseline baseline : Baseline.values()) {
            String id = baseline.id();
            Double accuracy = report.baselines().get(id);
            if (accuracy == null) {
                table.row(id, "-");
                continue;
            }
            List<Double> interval = report.intervals().get(id);
            table.row(
                    id,
                    percent(accuracy) + " ".repeat(spread.length()),
                    optional(mean(report, id, Report.SeedReport::baselineMacroF1), true),
                    baseline == Baseline.ZERO_SHOT || baseline == Baseline.LINEAR_PROBE
                            ? ""
                            : optional(mean(report, id, Report.SeedReport::baselineNec), false),
                    points(report.accuracy() - accuracy),
                    interval == null ? "" : "[" + points(interval.get(0)) + ", " + points(interval.get(1)) + "]");
        }
        return table.toString();
    }

    private interface PerBaseline {
        Map<String, Double> of(Report.SeedReport seed);
    }

    private static @Nullable Double mean(Report report, String id, PerBaseline values) {
        double sum = 0;
        for (Report.SeedReport seed : report.details()) {
            Double value = values.of(seed).get(id);
            if (value == null) {
                return null;
            }
            sum += value;
        }
        return sum / report.details().size();
    }

    /** Precision, recall and F1 of every class over the items of all seeds. */
    private static String classTable(Report report, List<String> classes) {
        TextTable table = new TextTable().row("class", "items", "precision", "recall", "F1", "mostly taken for");
        int seeds = report.details().size();
        for (int k = 0; k < classes.size(); k++) {
            int is = 0;
            int said = 0;
            int right = 0;
            int[] taken = new int[classes.size()];
            for (Report.SeedReport seed : report.details()) {
                for (int j = 0; j < classes.size(); j++) {
                    is += seed.confusion().get(k).get(j);
                    said += seed.confusion().get(j).get(k);
                    taken[j] += j == k ? 0 : seed.confusion().get(k).get(j);
                }
                right += seed.confusion().get(k).get(k);
            }
            table.row(
                    classes.get(k),
                    decimal((double) is / seeds),
                    said == 0 ? "-" : percent((double) right / said),
                    is == 0 ? "-" : percent((double) right / is),
                    is + said == 0 ? "-" : percent(2.0 * right / (is + said)),
                    mostly(taken, classes));
        }
        return table.toString();
    }

    private static String mostly(int[] taken, List<String> classes) {
        int most = 0;
        for (int j = 1; j < taken.length; j++) {
            most = taken[j] > taken[most] ? j : most;
        }
        return taken[most] == 0 ? "" : classes.get(most);
    }

    private static String optional(@Nullable Double value, boolean share) {
        return value == null || !Double.isFinite(value) ? "" : share ? percent(value) : decimal(value);
    }

    static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** A share that there may be none of. */
    static String percentOrDash(double share) {
        return Double.isNaN(share) ? "-" : percent(share);
    }

    static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    }
}
