package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.systems.CatalogueEntry;
import dev.lapidary.systems.Evidence;
import dev.lapidary.systems.Evidence.ArmFound;
import dev.lapidary.systems.Evidence.ComparisonFound;
import dev.lapidary.systems.Evidence.TrialFound;
import dev.lapidary.systems.Figures;
import dev.lapidary.systems.SystemRow;
import dev.lapidary.systems.Verification;
import dev.lapidary.trial.Arm.Role;
import dev.lapidary.trial.Sabotage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows systems of the catalogue and what a verification found, for people and as JSON. */
final class SystemsView {
    private SystemsView() {}

    /** One system, with its published evidence. */
    static String shown(CatalogueEntry entry) {
        SystemRow row = entry.row();
        StringBuilder text = new StringBuilder();
        text.append(row.title())
                .append(" (row ")
                .append(row.row())
                .append(", ")
                .append(row.id())
                .append(")\n");
        field(text, "paper", row.paper());
        field(text, "source", row.source());
        field(text, "family", row.family() + ", " + row.kind() + ", tier " + row.tier());
        field(text, "out of reach", row.outOfReach());
        field(text, "does", row.summary());
        field(text, "keeps", row.keeps());
        field(text, "claim", row.claim());
        field(text, "check", row.check());
        row.limits().forEach(limit -> field(text, "limit", limit));
        field(text, "state", entry.state().word());
        Evidence evidence = entry.evidence();
        if (evidence == null) {
            return text.append("\nNo evidence is published yet.\n").toString();
        }
        Evidence.Run run = entry.run();
        if (run != null) {
            field(text, "measured", String.join("; ", run.machines()) + "; " + Durations.text(run.seconds()));
        }
        return text.append('\n')
                .append(found(evidence, true))
                .append(FigureLegend.of(row, evidence).text(true))
                .toString();
    }

    private static void field(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            text.append("  %-13s %s%n".formatted(name, value));
        }
    }

    /** A verification, for people. */
    static String text(Verification verification, @Nullable Path folder) {
        SystemRow row = verification.entry().row();
        StringBuilder text = new StringBuilder();
        text.append(row.title()).append(" (row ").append(row.row()).append(")\n");
        if (!verification.judged()) {
            text.append("Quick check: shows only that everything runs, at a small size. It judges nothing: ")
                    .append("which arm is better cannot be read from these figures.\n\n");
        }
        text.append(found(verification.evidence(), verification.judged()));
        text.append(FigureLegend.of(row, verification.evidence()).text(verification.judged()))
                .append('\n');
        Boolean held = verification.held();
        String seconds = Durations.text(verification.run().seconds());
        if (held == null) {
            text.append("Quick check, ")
                    .append(seconds)
                    .append(": everything runs; nothing was judged (--full does).\n");
        } else {
            text.append(held ? "Held" : "Lost").append(" over ").append(seeds(verification.evidence()));
            text.append(", ")
                    .append(seconds)
                    .append(" in all; kept in ")
                    .append(folder)
                    .append(".\n");
        }
        return text.append('\n').toString();
    }

    private static String seeds(Evidence evidence) {
        List<Long> seeds = evidence.seeds();
        return seeds.size() + " seeds from " + seeds.getFirst();
    }

    private static String found(Evidence evidence, boolean judged) {
        StringBuilder text = new StringBuilder();
        if (!evidence.identities().isEmpty()) {
            TextTable table = new TextTable().row("identity", "error", "at most", "");
            evidence.identities()
                    .forEach(found -> table.row(
                            found.name(),
                            Figures.number(found.error()),
                            Figures.number(found.bound()),
                            found.held() ? "held" : "BROKEN"));
            text.append(table).append('\n');
        }
        for (TrialFound trial : evidence.trials()) {
            text.append(figures(trial)).append('\n');
            if (!trial.comparisons().isEmpty() && judged) {
                text.append(comparisons(trial)).append('\n');
            }
            if (!trial.sabotages().isEmpty()) {
                TextTable table = new TextTable().row("in the method's place", "check");
                trial.sabotages()
                        .forEach(each -> table.row(each.name(), each.failed() ? "fails, as it should" : "STILL HOLDS"));
                text.append(table).append('\n');
            }
        }
        return text.toString();
    }

    private static String figures(TrialFound trial) {
        List<String> names = Figures.names(trial);
        List<String> header = new ArrayList<>(List.of(trial.trial()));
        header.addAll(names);
        TextTable table = new TextTable().row(header.toArray(String[]::new));
        for (ArmFound arm : trial.arms()) {
            List<String> cells =
                    new ArrayList<>(List.of(arm.name() + " (" + arm.role().word() + ")"));
            names.forEach(name -> cells.add(Figures.mean(Figures.of(arm), name)));
            table.row(cells.toArray(String[]::new));
        }
        return table.toString();
    }

    private static String comparisons(TrialFound trial) {
        TextTable table = new TextTable().row("claim", "difference", "95 % interval", "margin", "verdict");
        for (ComparisonFound found : trial.comparisons()) {
            List<Double> interval = found.interval();
            table.row(
                    found.name(),
                    Figures.number(found.difference()),
                    interval == null ? "-" : Figures.interval(interval),
                    Figures.number(found.margin()) + (found.relative() ? " (share)" : ""),
                    String.valueOf(found.verdict()));
        }
        return table.toString();
    }

    /** A verification as JSON. */
    static Map<String, Object> verified(Verification verification, @Nullable Path folder) {
        SystemRow row = verification.entry().row();
        Evidence evidence = verification.evidence();
        List<Map<String, Object>> figures = new ArrayList<>();
        List<Map<String, Object>> comparisons = new ArrayList<>();
        List<Map<String, Object>> sabotages = new ArrayList<>();
        FigureLegend legend = FigureLegend.of(row, evidence);
        for (TrialFound trial : evidence.trials()) {
            for (ArmFound arm : trial.arms()) {
                Figures.of(arm)
                        .forEach((name, values) -> figures.add(object(
                                "trial",
                                trial.trial(),
                                "arm",
                                arm.name(),
                                "role",
                                arm.role().word(),
                                "figure",
                                name,
                                "meaning",
                                legend.meaning(name).orElse(null),
                                "better",
                                legend.better(name).orElse(null),
                                "values",
                                values)));
            }
            for (ComparisonFound found : trial.comparisons()) {
                comparisons.add(object(
                        "name", found.name(),
                        "trial", trial.trial(),
                        "difference", found.difference(),
                        "interval", found.interval(),
                        "margin", found.margin(),
                        "verdict", found.verdict(),
                        "held", found.held()));
            }
            for (Sabotage sabotage : trial.sabotages()) {
                sabotages.add(object("name", sabotage.name(), "trial", trial.trial(), "failed", sabotage.failed()));
            }
        }
        List<String> baselines = evidence.trials().stream()
                .flatMap(trial -> trial.arms().stream())
                .filter(arm -> arm.role() == Role.BASELINE)
                .map(ArmFound::name)
                .distinct()
                .toList();
        return object(
                "id", row.id(),
                "row", row.row(),
                "held", verification.held(),
                "claim", row.claim(),
                "baselines", baselines,
                "identities", evidence.identities(),
                "figures", figures,
                "comparisons", comparisons,
                "sabotages", sabotages,
                "seeds", evidence.seeds(),
                "seconds", verification.run().seconds(),
                "folder", folder == null ? null : folder.toString());
    }

    private static Map<String, Object> object(@Nullable Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return object;
    }
}
