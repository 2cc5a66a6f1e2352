package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.systems.Evidence;
import dev.lapidary.systems.Figures;
import dev.lapidary.systems.SystemRow;
import dev.lapidary.trial.Comparison.Goal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Says what the figures of a check are: their units, which direction is better, and the seeds. */
record FigureLegend(SystemRow row, Evidence evidence) {
    static FigureLegend of(SystemRow row, Evidence evidence) {
        return new FigureLegend(row, evidence);
    }

    /** What a figure is, with its unit. */
    Optional<String> meaning(String figure) {
        return row.figure(figure);
    }

    /** Which direction of a figure is better: {@code higher} or {@code lower}; empty where the check claims nothing of it. */
    Optional<String> better(String figure) {
        Set<Goal> goals = evidence.trials().stream()
                .flatMap(trial -> trial.comparisons().stream())
                .filter(claim -> claim.figure().equals(figure))
                .map(Evidence.ComparisonFound::goal)
                .collect(Collectors.toSet());
        return goals.size() == 1 ? Optional.of(goals.contains(Goal.HIGH) ? "higher" : "lower") : Optional.empty();
    }

    /**
     * The legend, for people.
     *
     * @param judged whether claims were judged
     */
    String text(boolean judged) {
        TextTable table = new TextTable().row("figure", "better", "what it is");
        evidence.trials().stream()
                .flatMap(trial -> Figures.names(trial).stream())
                .distinct()
                .forEach(name ->
                        table.row(name, better(name).orElse("-"), meaning(name).orElse("(not described)")));
        return table
                + seeds()
                + (judged
                        ? "difference: method against the other, in the figure's unit or, where the margin says (share), as a "
                                + "share of the other's figure; above 0 is better, whichever direction the figure has.\n"
                        : "");
    }

    private String seeds() {
        List<Long> seeds = evidence.seeds();
        return seeds.size() == 1
                ? "Measured once, on seed " + seeds.getFirst() + ".\n"
                : "Figures: mean ± standard deviation over " + seeds.size() + " seeds ("
                        + seeds.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ").\n";
    }
}
