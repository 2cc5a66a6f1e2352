package dev.lapidary.systems;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.systems.Evidence.ArmFound;
import dev.lapidary.systems.Evidence.ComparisonFound;
import dev.lapidary.systems.PublishedSystem.Size;
import dev.lapidary.torch.Torch;
import dev.lapidary.trial.Comparison;
import dev.lapidary.trial.Outcome;
import dev.lapidary.trial.Sabotage;
import dev.lapidary.trial.Trial;
import dev.lapidary.trial.TrialEvidence;
import dev.lapidary.trial.TrialRun;
import dev.lapidary.trial.TrialSeeds;
import dev.lapidary.work.UnfinishedWork;
import dev.lapidary.work.WorkClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a verification of one system found.
 *
 * @param entry the system
 * @param evidence what was measured; where nothing is judged its {@code held} means nothing
 * @param run how it was made
 * @param judged whether this is a full verification
 */
public record Verification(CatalogueEntry entry, Evidence evidence, Evidence.Run run, boolean judged) {
    private static final String OUTCOMES = "outcomes";

    /** Whether the system holds; null in quick mode, which judges nothing. */
    public @Nullable Boolean held() {
        return judged ? evidence.held() : null;
    }

    /** Whether everything that must hold whatever the seed does. */
    public boolean identitiesHeld() {
        return evidence.identities().stream().allMatch(Evidence.IdentityFound::held);
    }

    /**
     * Shows in seconds that identities hold and that every arm runs; judges nothing.
     *
     * @param seed of the one problem
     * @throws InputException where the system is not implemented
     */
    public static Verification quick(CatalogueEntry entry, long seed, Progress progress) {
        PublishedSystem system = entry.implementation();
        WorkClock clock = WorkClock.start();
        List<Identity.Result> identities = identities(system, progress);
        List<Evidence.TrialFound> trials = new ArrayList<>();
        for (Trial<?> trial : system.trials(Size.QUICK, progress)) {
            trials.add(once(trial, seed, progress));
        }
        Evidence evidence = new Evidence(
                entry.row().row(),
                entry.row().id(),
                false,
                List.of(seed),
                identities.stream().map(Evidence.IdentityFound::of).toList(),
                trials);
        return new Verification(entry, evidence, run(clock.seconds(), List.of(), List.of()), false);
    }

    private static Evidence.TrialFound once(Trial<?> trial, long seed, Progress progress) {
        Map<String, Outcome> outcomes = TrialRun.once(trial, seed, progress);
        List<ArmFound> arms = trial.arms().stream()
                .map(arm ->
                        ArmFound.of(arm.name(), arm.role(), List.of(Objects.requireNonNull(outcomes.get(arm.name())))))
                .toList();
        List<ComparisonFound> comparisons = new ArrayList<>();
        for (Comparison comparison : trial.comparisons()) {
            Outcome arm = Objects.requireNonNull(outcomes.get(comparison.arm()));
            String against = comparison.against();
            comparisons.add(ComparisonFound.unjudged(
                    comparison, comparison.difference(arm, against == null ? null : outcomes.get(against))));
        }
        return new Evidence.TrialFound(trial.name(), trial.settings(), arms, comparisons, List.<Sabotage>of());
    }

    /**
     * Makes the evidence that the system's check asks for. What is measured is kept in the folder piece by piece: an interrupted
     * verification goes on with what is missing. The folder gets {@code evidence.json}, which is the same however often it was
     * interrupted, but for timed figures, and {@code run.json}.
     *
     * @param folder of this system alone
     * @param restart discards what the folder has of these seeds
     * @throws InputException where the system is not implemented, or another process verifies into the folder
     */
    public static Verification full(
            CatalogueEntry entry, TrialSeeds seeds, Path folder, boolean restart, Progress progress) {
        PublishedSystem system = entry.implementation();
        try (UnfinishedWork work = UnfinishedWork.open(folder, false)) {
            List<Identity.Result> identities = identities(system, progress);
            List<TrialEvidence> trials = new ArrayList<>();
            for (Trial<?> trial : system.trials(Size.FULL, progress)) {
                Path outcomes = folder.resolve(OUTCOMES).resolve(trial.name());
                trials.add(TrialRun.run(trial, seeds, outcomes, restart, progress));
            }
            List<Long> all = Arrays.stream(seeds.all()).boxed().toList();
            Evidence evidence = Evidence.of(entry.row(), all, identities, trials);
            List<String> machines = trials.stream()
                    .flatMap(trial -> trial.machines().stream())
                    .distinct()
                    .toList();
            List<String> code = trials.stream()
                    .flatMap(trial -> trial.codes().stream())
                    .distinct()
                    .toList();
            double seconds = trials.stream().mapToDouble(TrialEvidence::seconds).sum();
            Evidence.Run run = run(seconds, machines, code);
            AtomicFiles.writeString(folder.resolve("evidence.json"), evidence.json());
            AtomicFiles.writeString(folder.resolve("run.json"), run.json());
            work.finished();
            return new Verification(entry, evidence, run, true);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
    }

    private static Evidence.Run run(double seconds, List<String> machines, List<String> code) {
        String version = Verification.class.getPackage().getImplementationVersion();
        return new Evidence.Run(
                seconds,
                machines,
                code,
                version == null ? "(unpackaged)" : version,
                Runtime.version().toString(),
                Torch.version());
    }

    private static List<Identity.Result> identities(PublishedSystem system, Progress progress) {
        List<Identity> identities = system.identities();
        List<Identity.Result> results = new ArrayList<>();
        try (Progress.Task task = progress.start("identities", identities.size())) {
            for (Identity identity : identities) {
                results.add(identity.measure());
                task.advance(1);
            }
        }
        return results;
    }
}
