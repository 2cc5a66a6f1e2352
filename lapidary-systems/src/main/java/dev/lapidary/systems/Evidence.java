package dev.lapidary.systems;

import dev.lapidary.trial.TrialEvidence;
import dev.lapidary.trial.TrialSeeds;
import java.util.List;

/**
 * What a full verification of a system found.
 *
 * @param id of the system
 * @param seeds of all trials
 * @param identities what must hold whatever the seed
 * @param trials what each trial measured
 */
public record Evidence(
        String id, TrialSeeds seeds, List<Identity.Result> identities, List<TrialEvidence> trials) {
    /** Copies the lists. */
    public Evidence {
        identities = List.copyOf(identities);
        trials = List.copyOf(trials);
    }

    /** Whether every identity and every comparison holds, and no sabotage passes. */
    public boolean held() {
        return identities.stream().allMatch(Identity.Result::held)
                && trials.stream().anyMatch(trial -> !trial.judgements().isEmpty())
                && trials.stream()
                        .filter(trial -> !trial.judgements().isEmpty())
                        .allMatch(TrialEvidence::held);
    }

    /** Returns the wall time of all outcomes together, over all sessions. */
    public double seconds() {
        return trials.stream().mapToDouble(TrialEvidence::seconds).sum();
    }
}
