package dev.lapidary.train;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.train.TrainingResult.Stopped;
import dev.lapidary.work.WorkClock;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Trains a {@link Trainable} by a {@link TrainingPlan}: steps, validations, metrics, checkpoints, early stopping, cancellation.
 *
 * <p>A training that was cancelled or killed and is run again with the same plan and folder ends with the bytes of one that ran
 * through, in state and in metrics (but for {@code seconds}), on the same machine with the same number of threads. Steps are counted
 * as done: after the first call of {@link Trainable#step} the step is 1.
 */
public final class TrainingLoop {
    private static final double NOTE_SECONDS = 0.2;

    private final Trainable trainable;
    private final TrainingPlan plan;
    private final Cancellation cancellation;
    private final @Nullable CheckpointFolder folder;
    private final BestState bestState;
    private WorkClock clock = WorkClock.start();
    private Position at = Position.START;
    private double lastSave;
    private double lastNote;

    private TrainingLoop(Trainable trainable, TrainingPlan plan, Cancellation cancellation) {
        this.trainable = trainable;
        this.plan = plan;
        this.cancellation = cancellation;
        folder = plan.checkpoints()
                .map(checkpoints -> CheckpointFolder.open(checkpoints, plan))
                .orElse(null);
        bestState = folder == null ? new MemoryBest() : folder;
    }

    /**
     * Trains until the plan is done, the metric improves no more or somebody asks to stop, resuming where the plan's folder has a
     * checkpoint. Where the plan has early stopping, the trainable ends with its best state unless it was cancelled. What the
     * progress throws reaches the caller after the state is saved.
     *
     * @throws dev.lapidary.runtime.InputException where the folder's checkpoint is damaged, of another plan or of other shapes
     * @throws DivergenceException where a loss, the metric of early stopping or a state to be saved is not finite
     * @throws java.io.UncheckedIOException where a file cannot be written; the last checkpoint stays as it was
     */
    public static TrainingResult run(
            Trainable trainable, TrainingPlan plan, Progress progress, Cancellation cancellation) {
        return new TrainingLoop(trainable, plan, cancellation).run(progress);
    }

    private TrainingResult run(Progress progress) {
        if (folder != null) {
            at = folder.resume(trainable).orElse(Position.START);
            clock = folder.clock();
        }
        String name = at.step() == 0 ? plan.name() : plan.name() + ", resumed after step " + at.step();
        try (MetricsFile metrics = plan.metricsFile()
                        .map(file -> MetricsFile.open(file, at.step()))
                        .orElse(null);
                Progress.Task task = progress.start(name, plan.steps() - at.step())) {
            Stopped stopped = train(metrics, task);
            save(metrics);
            if (stopped != Stopped.CANCELLED && at.hasBest()) {
                bestState.restoreBest(at, trainable);
            }
            return new TrainingResult(
                    at.step(), at.bestMetric(), at.bestAt(), stopped, seconds(), clock.sessionSeconds());
        }
    }

    private Stopped train(@Nullable MetricsFile metrics, Progress.Task task) {
        while (true) {
            if (plan.earlyStopping().isPresent()
                    && at.withoutImprovement() >= plan.earlyStopping().get().patience()) {
                return Stopped.EARLY;
            }
            if (at.step() == plan.steps()) {
                return Stopped.COMPLETED;
            }
            if (cancellation.requested()) {
                return Stopped.CANCELLED;
            }
            report(step(metrics), metrics, task);
            if (saveIsDue()) {
                save(metrics);
            }
        }
    }

    /** Takes a step with all that belongs to it and returns what is to be shown of it. */
    private Optional<String> step(@Nullable MetricsFile metrics) {
        OptionalLong epoch = trainable.epoch(at.step());
        double loss = trainable.step(at.step());
        requireFinite("loss", loss, at.step() + 1);
        at = at.stepped(loss);
        Map<String, Double> validation = isDue(plan.validateEvery()) ? trainable.validate(at.step()) : Map.of();
        keepBest(validation);
        Optional<String> note = noteIsDue() ? Optional.of(note(validation)) : Optional.empty();
        if (isDue(plan.metricsEvery()) || !validation.isEmpty()) {
            if (metrics != null) {
                metrics.write(at, epoch, validation, seconds());
            }
            at = at.written();
        }
        return note;
    }

    /** Reports a step. A listener may end the training by throwing; the state is saved then. */
    private void report(Optional<String> note, @Nullable MetricsFile metrics, Progress.Task task) {
        try {
            note.ifPresent(task::note);
            task.advance(1);
        } catch (RuntimeException | Error thrown) {
            saveBefore(thrown, metrics);
            throw thrown;
        }
    }

    private void saveBefore(Throwable thrown, @Nullable MetricsFile metrics) {
        try {
            save(metrics);
        } catch (RuntimeException | Error failure) { // says more than why the training ended
            failure.addSuppressed(thrown);
            throw failure;
        }
    }

    private boolean isDue(long every) {
        return every > 0 && (at.step() % every == 0 || at.step() == plan.steps());
    }

    private void keepBest(Map<String, Double> validation) {
        EarlyStopping stopping = plan.earlyStopping().orElse(null);
        if (stopping == null || !isDue(plan.validateEvery())) {
            return;
        }
        Double value = validation.get(stopping.metric());
        if (value == null) {
            throw new IllegalStateException(
                    "validation must measure " + stopping.metric() + "; got " + validation.keySet());
        }
        requireFinite(stopping.metric(), value, at.step());
        at = at.validated(value, stopping);
        if (at.bestStep() == at.step()) {
            bestState.keepBest(at, state());
        }
    }

    private void requireFinite(String what, double value, long step) {
        if (!Double.isFinite(value)) {
            throw new DivergenceException(
                    what + " must be finite; got " + value + " at step " + step
                            + (folder == null ? "" : folder.lastGood()),
                    step);
        }
    }

    private boolean saveIsDue() {
        if (plan.checkpoints().isEmpty()) {
            return false;
        }
        Checkpointing checkpoints = plan.checkpoints().get();
        return (checkpoints.everySteps() > 0 && at.step() % checkpoints.everySteps() == 0)
                || (checkpoints.everySeconds() > 0 && clock.sessionSeconds() - lastSave >= checkpoints.everySeconds());
    }

    private void save(@Nullable MetricsFile metrics) {
        if (folder == null || folder.isSaved(at)) {
            return;
        }
        if (metrics != null) {
            metrics.force();
        }
        folder.save(at, state());
        lastSave = clock.sessionSeconds();
    }

    private List<TensorView> state() {
        List<TensorView> state = trainable.state();
        Set<String> names = new HashSet<>();
        for (TensorView tensor : state) {
            if (!names.add(tensor.name())) {
                throw new IllegalStateException("names of a state must differ; got " + tensor.name() + " twice");
            }
        }
        return state;
    }

    /** Whether to show something again: a few times a second at most. */
    private boolean noteIsDue() {
        double now = clock.sessionSeconds();
        if (now - lastNote < NOTE_SECONDS && at.step() < plan.steps()) {
            return false;
        }
        lastNote = now;
        return true;
    }

    /** Returns the loss with the validation, or with the best one so far. */
    private String note(Map<String, Double> validation) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "training loss %.4g", at.meanLoss()));
        plan.earlyStopping().ifPresent(stopping -> {
            Double value = validation.get(stopping.metric());
            if (value != null) {
                text.append(String.format(Locale.ROOT, ", held-out %s %.4g", stopping.metric(), value));
            } else if (at.hasBest()) {
                text.append(String.format(Locale.ROOT, ", best held-out %s %.4g", stopping.metric(), at.best()));
            }
        });
        return text.toString();
    }

    private double seconds() {
        return clock.seconds();
    }
}
