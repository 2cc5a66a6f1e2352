package dev.lapidary.app.command;

import dev.lapidary.systems.CatalogueEntry;
import dev.lapidary.systems.Evidence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what is known of one published system. */
@Command(
        name = "show",
        sortOptions = false,
        description = {
            "Shows a published system: paper, claim, check, limits, and the published evidence.",
            "JSON: the fields of the row (row, id, title, paper, source, kind, family, tier, outOfReach, keeps, summary, claim, "
                    + "published, check, limits, figures (what each figure is, with its unit); those that have a value), state, evidence (seeds, held, identities, trials) and run "
                    + "(seconds, machines, versions), both null where there is none."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  lapidary systems show gumbel-softmax", "  lapidary systems show 2 --json"})
final class SystemsShowCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "The id of a system, or its row.")
    private String id = "";

    @Mixin
    private Output output;

    SystemsShowCommand(Session session) {
        output = new Output(session);
    }

    @Override
    public Integer call() {
        CatalogueEntry entry = SystemNames.find(List.of(id)).getFirst();
        return output.result(() -> SystemsView.shown(entry), () -> json(entry));
    }

    private static Map<String, Object> json(CatalogueEntry entry) {
        Map<String, Object> all = new LinkedHashMap<>();
        JsonLine.object(entry.row()).properties().forEach(field -> all.put(field.getKey(), field.getValue()));
        all.put("state", entry.state().word());
        Evidence evidence = entry.evidence();
        all.put("evidence", evidence);
        all.put("run", entry.run());
        return all;
    }
}
