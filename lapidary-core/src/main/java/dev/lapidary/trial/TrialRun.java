package dev.lapidary.trial;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.work.MachineFacts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs trials. What an arm measured under a seed is kept in a file as soon as it is whole, so that an interrupted trial goes on with
 * what is missing, and ends with the same outcomes.
 */
public final class TrialRun {
    private TrialRun() {}

    /**
     * Runs what is missing and judges.
     *
     * @param folder for the outcomes, this trial's own
     * @param restart discards what the folder has of these seeds, and all of it where it was made under other settings
     * @param progress one step an arm and seed; throws when the work is to stop
     * @throws InputException where there are fewer than 2 seeds, or the folder holds outcomes under other settings
     */
    public static <P> TrialEvidence run(
            Trial<P> trial, TrialSeeds seeds, Path folder, boolean restart, Progress progress) {
        if (seeds.count() < 2) {
            throw new InputException("intervals over seeds need at least 2 seeds; got " + seeds.count());
        }
        TrialEvidence.requireSound(trial);
        if (restart) {
            TrialFolder.discard(folder, trial, seeds);
        }
        TrialFolder files = TrialFolder.open(folder, trial);
        Map<String, Map<Long, Measured>> all = new LinkedHashMap<>();
        try (Progress.Task task =
                progress.start(trial.name(), (long) seeds.count() * trial.arms().size())) {
            for (long seed : seeds.all()) {
                try (Problem<P> problem = new Problem<>(trial, seed)) {
                    for (Arm<P> arm : trial.arms()) {
                        Optional<Measured> kept = files.read(arm.name(), seed);
                        Measured measured = kept.isPresent() ? kept.get() : problem.measure(arm, progress);
                        TrialEvidence.requireFigures(trial, arm.name(), measured.outcome());
                        if (kept.isEmpty()) {
                            files.write(arm.name(), seed, measured);
                        }
                        all.computeIfAbsent(arm.name(), name -> new LinkedHashMap<>())
                                .put(seed, measured);
                        task.note("seed " + seed + ", " + arm.name());
                        task.advance(1);
                    }
                }
            }
        }
        return TrialEvidence.of(trial, all);
    }

    /** Runs every arm under one seed and keeps nothing: shows that the trial works, and judges nothing. */
    public static <P> Map<String, Outcome> once(Trial<P> trial, long seed, Progress progress) {
        TrialEvidence.requireSound(trial);
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        try (Problem<P> problem = new Problem<>(trial, seed)) {
            for (Arm<P> arm : trial.arms()) {
                Outcome outcome = problem.measure(arm, progress).outcome();
                TrialEvidence.requireFigures(trial, arm.name(), outcome);
                outcomes.put(arm.name(), outcome);
            }
        }
        return outcomes;
    }

    /** What a seed drew, once an arm needs it. */
    private static final class Problem<P> implements AutoCloseable {
        private final Trial<P> trial;
        private final long seed;
        private @Nullable P drawn;

        Problem(Trial<P> trial, long seed) {
            this.trial = trial;
            this.seed = seed;
        }

        Measured measure(Arm<P> arm, Progress progress) {
            P problem = drawn;
            if (problem == null) {
                trial.prepare(seed, progress);
            }
            long begin = System.nanoTime();
            if (problem == null) {
                problem = trial.draw(seed);
                drawn = problem;
            }
            Outcome outcome = arm.runner().run(problem, seed, progress);
            return new Measured(
                    outcome,
                    (System.nanoTime() - begin) * 1e-9,
                    MachineFacts.here().line(),
                    CodeDigest.here());
        }

        @Override
        public void close() {
            if (drawn instanceof AutoCloseable closeable) {
                try {
                    closeable.close();
                } catch (RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException("the problem of seed " + seed + " cannot be closed", e);
                }
            }
        }
    }
}
