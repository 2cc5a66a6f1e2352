package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.sparsity.DenseBudget;
import dev.lapidary.sparsity.LayerChange;
import dev.lapidary.sparsity.LearnedMask;
import dev.lapidary.sparsity.LinearName;
import dev.lapidary.sparsity.MaskLearningResult;
import dev.lapidary.sparsity.MaskPrior;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What a mask learning brought, for people. */
record MaskReport(LearnedMask learned) {
    private static final int MOST_MOVED = 5;
    private static final double MEBI = 1 << 20;

    String text() {
        return gaps().text() + "\n" + learned.budget().map(MaskReport::curve).orElse("") + moved();
    }

    /** The methods beside each other. */
    GapTable gaps() {
        return new GapTable(learned.perplexities(), learned.gapClosed());
    }

    /** What it would cost to leave fewer or more layers dense, on the text for choosing. */
    private static String curve(DenseBudget.Choice choice) {
        TextTable table =
                new TextTable().row("dense layers", "weights kept", "perplexity on the training text for choosing");
        choice.curve()
                .forEach(point -> table.row(
                        Integer.toString(point.layers()),
                        ReportView.percent(point.density()),
                        number(point.perplexity())));
        return table + "Dense, all masks alike: " + String.join(", ", choice.denseLayers()) + "\n\n";
    }

    /** What moved away from the prior, and where. */
    private String moved() {
        MaskLearningResult result = learned.learning();
        String from =
                learned.prior().equals(MaskPrior.NONE) ? "initial random choice" : "prior (" + learned.prior() + ")";
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s of the mask's entries moved away from the %s in %d steps of %.2f s; peak memory %.0f MiB, predicted %.0f MiB.%n",
                ReportView.percent(result.flippedFromPrior()),
                from,
                result.steps(),
                result.secondsPerStep(),
                result.peakBytes() / MEBI,
                learned.predictedPeakBytes() / MEBI));
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
        for (LayerChange layer : learned.learning().layers()) {
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
