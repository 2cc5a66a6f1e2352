package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.systems.Catalogue;
import dev.lapidary.systems.CatalogueEntry;
import dev.lapidary.systems.CatalogueEntry.State;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the published systems, and how far each is. */
@Command(
        name = "systems",
        sortOptions = false,
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "Lists the published systems of the catalogue: what Lapidary implements, what each paper claims and "
                    + "what was measured.",
            "States: not begun; runs (implemented, no published evidence); held (the published evidence shows all "
                    + "that its check claims); lost (it does not); counterpart (the system cannot be built here, what "
                    + "stands for it holds).",
            "JSON: systems (row, id, title, family, tier, state)."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary systems",
            "  lapidary systems show gumbel-softmax",
            "  lapidary systems verify gumbel-softmax --full --out evidence",
        })
final class SystemsCommand implements Callable<Integer> {
    @Mixin
    private Output output;

    SystemsCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        List<CatalogueEntry> entries = Catalogue.load().entries();
        return output.result(
                () -> text(entries),
                () -> Map.of("systems", entries.stream().map(Line::of).toList()));
    }

    /** A system in the list. */
    private record Line(int row, String id, String title, String family, String tier, String state) {
        static Line of(CatalogueEntry entry) {
            return new Line(
                    entry.row().row(),
                    entry.row().id(),
                    entry.row().title(),
                    entry.row().family(),
                    entry.row().tier(),
                    entry.state().word());
        }
    }

    private static String text(List<CatalogueEntry> entries) {
        TextTable table = new TextTable().row("id", "row", "tier", "state");
        for (CatalogueEntry entry : entries) {
            Line line = Line.of(entry);
            table.row(line.id(), Integer.toString(line.row()), line.tier(), line.state());
        }
        String states = CatalogueEntry.counts(entries, List.of(State.values()));
        return table + "\n" + entries.size() + " systems: " + states
                + ". \"lapidary systems show ID\" shows claim, check and evidence.\n";
    }
}
