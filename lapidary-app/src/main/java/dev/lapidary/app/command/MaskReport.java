package dev.lapidary.app.command;

import dev.lapidary.sparsity.DenseBudget;
import dev.lapidary.sparsity.LayerChange;
import dev.lapidary.sparsity.LinearName;
import dev.lapidary.sparsity.MaskComparison;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningResult;
import dev.lapidary.sparsity.MaskSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** What a mask learning brought, for people and as JSON. */
record MaskReport(
        MaskLearningResult result,
        MaskSet masks,
        MaskComparison comparison,
        long predictedPeakBytes,
        String prior,
        Optional<DenseBudget.Choice> choice) {
    /** What the column of that name in a table of methods says. */
    static final String GAP_CLOSED =
            "Gap closed: 0% is the best one-shot mask on unchanged weights, 100% the dense model.";

    private static final int MOST_MOVED = 5;
    private static final double MEBI = 1 << 20;

    ObjectNode json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("steps", result.steps());
        fields.put("seconds", result.seconds());
        fields.put("secondsPerStep", result.secondsPerStep());
        fields.put("weights", result.weights());
        fields.put("flippedFromPrior", result.flippedFromPrior());
        fields.put("predictedPeakBytes", predictedPeakBytes);
        fields.put("peakBytes", result.peakBytes());
        fields.put("perplexity", comparison.perplexities().getOrDefault(MaskLearning.METHOD, Double.NaN));
        fields.put("methods", comparison.perplexities());
        Map<String, Double> closed = new LinkedHashMap<>();
        comparison
                .perplexities()
                .keySet()
                .forEach(name -> comparison.gapClosed(name).ifPresent(share -> closed.put(name, share)));
        fields.put("gapClosed", closed);
        fields.put("pattern", masks.pattern().toString());
        fields.put("density", masks.density());
        fields.put("prior", prior);
        choice.ifPresent(made -> fields.put("budget", made));
        fields.put("layers", result.layers());
        return JsonLine.object(fields);
    }

    String text() {
        TextTable table = new TextTable().row("method", "perplexity", "gap closed");
        comparison.perplexities().entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> table.row(entry.getKey(), number(entry.getValue()), closed(entry.getKey())));
        return table + GAP_CLOSED + "\n\n" + choice.map(MaskReport::curve).orElse("") + moved();
    }

    private String closed(String name) {
        OptionalDouble share = comparison.gapClosed(name);
        return share.isEmpty() || name.equals(MaskComparison.DENSE) ? "" : ReportView.percent(share.getAsDouble());
    }

    /** What it would cost to leave fewer or more layers dense, on the text for choosing. */
    private static String curve(DenseBudget.Choice choice) {
        TextTable table = new TextTable().row("dense layers", "weights kept", "perplexity on the text for choosing");
        choice.curve()
                .forEach(point -> table.row(
                        Integer.toString(point.layers()),
                        ReportView.percent(point.density()),
                        number(point.perplexity())));
        return table + "Dense, all masks alike: " + String.join(", ", choice.denseLayers()) + "\n\n";
    }

    /** What moved away from the prior, and where. */
    private String moved() {
        String from = prior.equals(MaskLearnCommand.NONE) ? "initial random choice" : "prior (" + prior + ")";
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s of the mask's entries moved away from the %s in %d steps of %.2f s; peak memory %.0f MiB, predicted %.0f MiB.%n",
                ReportView.percent(result.flippedFromPrior()),
                from,
                result.steps(),
                result.secondsPerStep(),
                result.peakBytes() / MEBI,
                predictedPeakBytes / MEBI));
        kinds().forEach((kind, share) -> text.append("  ")
                .append(kind)
                .append(' ')
                .append(ReportView.percent(share))
                .append('\n'));
        List<LayerChange> most = result.layers().stream()
                .sorted(Comparator.comparingDouble(LayerChange::flipped).reversed())
                .limit(MOST_MOVED)
                .toList();
        TextTable table = new TextTable().row("most moved", "entries", "groups", "mean max probability");
        most.forEach(layer -> table.row(
                layer.weight(),
                ReportView.percent(layer.flipped()),
                ReportView.percent(layer.groups()),
                String.format(Locale.ROOT, "%.3f", layer.maxProbability())));
        return text.append(table).toString();
    }

    /** The mean share that moved, by the kind of linear. */
    private Map<String, Double> kinds() {
        Map<String, double[]> sums = new TreeMap<>();
        for (LayerChange layer : result.layers()) {
            double[] sum = sums.computeIfAbsent(LinearName.of(layer.weight()).kind(), kind -> new double[2]);
            sum[0] += layer.flipped() * layer.entries();
            sum[1] += layer.entries();
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        sums.forEach((kind, sum) -> shares.put(kind, sum[0] / sum[1]));
        return shares;
    }

    static String number(double perplexity) {
        return String.format(Locale.ROOT, perplexity < 1000 ? "%.3f" : "%.4g", perplexity);
    }
}
