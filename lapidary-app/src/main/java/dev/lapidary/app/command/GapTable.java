package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.sparsity.MaskComparison;
import dev.lapidary.sparsity.OneShotMethod;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Methods beside each other by their perplexity on held-out text, the best first, and the share of the gap that each closes.
 *
 * @param perplexities by method
 * @param closed by method, the share of the gap; empty where it is not defined
 */
record GapTable(Map<String, Double> perplexities, Map<String, Double> closed) {
    private static final String MEANING =
            "Gap closed: 0 % is the best one-shot mask on unchanged weights, 100 % the dense model.\n";

    String text() {
        TextTable table = new TextTable().row("method", "held-out perplexity", "gap closed");
        perplexities.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> table.row(entry.getKey(), MaskReport.number(entry.getValue()), cell(entry.getKey())));
        return table
                + undefined()
                        .map(why -> "Gap closed is not defined: " + why + ".\n")
                        .orElse(MEANING);
    }

    private String cell(String method) {
        Double share = closed.get(method);
        return share == null ? "not defined" : ReportView.percent(share);
    }

    /** Why there is no gap to close; empty where there is one. */
    Optional<String> undefined() {
        if (!closed.isEmpty()) {
            return Optional.empty();
        }
        List<String> unchanged = OneShotMethod.all().stream()
                .filter(method -> !method.changesWeights())
                .map(OneShotMethod::name)
                .toList();
        Optional<String> best =
                unchanged.stream().filter(perplexities::containsKey).min(Comparator.comparingDouble(this::perplexity));
        return Optional.of(best.map(name -> "the best one-shot mask on unchanged weights, " + name + " ("
                        + MaskReport.number(perplexity(name)) + "), is no worse than the dense model ("
                        + MaskReport.number(perplexity(MaskComparison.DENSE)) + ")")
                .orElse("no one-shot mask on unchanged weights was measured (--compare takes "
                        + String.join(", ", unchanged) + ")"));
    }

    private double perplexity(String method) {
        return perplexities.getOrDefault(method, Double.NaN);
    }
}
