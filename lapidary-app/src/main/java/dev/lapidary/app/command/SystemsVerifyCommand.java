package dev.lapidary.app.command;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.systems.CatalogueEntry;
import dev.lapidary.systems.Verification;
import dev.lapidary.trial.TrialSeeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies published systems: quick shows that they run, full makes evidence. */
@Command(
        name = "verify",
        sortOptions = false,
        description = {
            "Verifies published systems.",
            "Quick, the default, takes seconds: it measures what must hold exactly and runs every arm once at a "
                    + "small size; it judges nothing. Full runs the method, its baselines and its controls over seeds, "
                    + "judges the claims by 95 %% intervals and margins that were fixed before, and puts sabotages in the "
                    + "method's place, which the check must refuse. Each arm and seed is kept as it is finished: an "
                    + "interrupted verification goes on where it was. Exit status 1 where something that must hold exactly "
                    + "does not.",
            "JSON: results (id, row, held (null in quick mode), claim, baselines, identities (name, error, bound, held), figures "
                    + "(trial, arm, role, figure, meaning (with its unit), better (higher, lower or null), values), comparisons (name, trial, difference, interval, margin, verdict, held), "
                    + "sabotages (name, trial, failed), seeds, seconds, folder (null in quick mode))."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  lapidary systems verify gumbel-softmax",
            "  lapidary systems verify gumbel-softmax cut-cross-entropy --full --seeds 5 --seed 5000 --out evidence",
        })
final class SystemsVerifyCommand implements Callable<Integer> {
    private static final long QUICK_SEED = 0;

    private final Session session;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Ids of systems, or their rows.")
    private List<String> ids = List.of();

    @Option(names = "--full", description = "Make evidence: minutes to an hour for each system.")
    private boolean full;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "With --full: the number of seeds, from 2 (default: the system's own, mostly 5).")
    private @Nullable Integer seeds;

    @Option(
            names = "--seed",
            paramLabel = "FIRST",
            description =
                    "The first seed (default: " + TrialSeeds.PUBLISHED + " with --full, else " + QUICK_SEED + ").")
    private @Nullable Long first;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "With --full: where outcomes and evidence are kept, a folder a system (default: in the cache).")
    private @Nullable Path out;

    @Mixin
    private RestartOption restart = new RestartOption();

    @Mixin
    private Output output;

    SystemsVerifyCommand(Session session) {
        this.session = session;
        output = new Output(session);
    }

    @Override
    public Integer call() {
        if (!full && (seeds != null || out != null || restart.restart())) {
            throw new InputException("--seeds, --out and --restart need --full");
        }
        List<CatalogueEntry> entries = SystemNames.find(ids);
        entries.forEach(CatalogueEntry::implementation); // before the first takes its time
        long quickSeed = new TrialSeeds(first == null ? QUICK_SEED : first, 1).first();
        List<Verification> found = new ArrayList<>();
        List<Map<String, Object>> objects = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (CatalogueEntry entry : entries) {
            output.remark(entry.row().id() + ": " + entry.row().title());
            Path folder = folder(entry);
            Verification verification = full
                    ? Verification.full(entry, seeds(entry), folder, restart.restart(), output.progress())
                    : Verification.quick(entry, quickSeed, output.progress());
            found.add(verification);
            if (verification.run().code().size() > 1) {
                output.remark("warning: outcomes of " + entry.row().id()
                        + " were measured by different code; --restart measures these seeds again");
            }
            objects.add(SystemsView.verified(verification, full ? folder : null));
            text.append(SystemsView.text(verification, full ? folder : null));
        }
        int status = output.result(text::toString, () -> Map.of("results", objects));
        List<String> broken = found.stream()
                .filter(verification -> !verification.identitiesHeld())
                .map(verification -> verification.entry().row().id())
                .toList();
        if (!broken.isEmpty()) {
            session.err().println("lapidary: an identity does not hold for " + String.join(", ", broken));
            return Failure.FAILED;
        }
        return status;
    }

    private TrialSeeds seeds(CatalogueEntry entry) {
        return new TrialSeeds(
                first == null ? TrialSeeds.PUBLISHED : first,
                seeds == null ? entry.implementation().seeds() : seeds);
    }

    private Path folder(CatalogueEntry entry) {
        Path base = out == null ? CacheFolder.root().resolve("systems") : out;
        return base.resolve(entry.row().id());
    }
}
