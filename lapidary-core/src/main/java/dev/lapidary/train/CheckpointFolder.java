package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.work.WorkClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The folder of one training: its last state and, where the plan wants one, its best.
 *
 * <p>The best lies in a file that bears its step. {@code last.safetensors} says which step that is, so that a JVM killed between the
 * two writes leaves a pair that belongs together; a best file that neither the last checkpoint nor the running training names is
 * deleted.
 */
final class CheckpointFolder implements BestState {
    private static final String BEST = "best-";
    private static final String ENDING = ".safetensors";

    private static final String SECONDS = "seconds";

    private final Path folder;
    private final TrainingPlan plan;
    /** What last.safetensors says on disk. */
    private Position saved = Position.START;

    private WorkClock clock = WorkClock.start();

    private CheckpointFolder(Path folder, TrainingPlan plan) {
        this.folder = folder;
        this.plan = plan;
    }

    /** Opens the folder of a plan and deletes temporary files of a killed JVM. */
    static CheckpointFolder open(Checkpointing checkpoints, TrainingPlan plan) {
        CheckpointFolder opened = new CheckpointFolder(checkpoints.folder(), plan);
        try {
            Files.createDirectories(opened.folder);
            opened.delete(".*.tmp");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return opened;
    }

    Path last() {
        return Checkpoint.last(folder);
    }

    /** Gives the last state to the trainable and returns where it stands, or nothing where none is saved. */
    Optional<Position> resume(Trainable trainable) {
        Path seconds = folder.resolve(SECONDS);
        if (!Files.exists(last())) {
            clock = WorkClock.start(seconds);
            return Optional.empty();
        }
        clock = WorkClock.resume(seconds);
        try (Checkpoint checkpoint = Checkpoint.open(last())) {
            checkpoint.requirePlan(plan);
            saved = checkpoint.position();
            if (saved.hasBest()) {
                best(saved).close();
            }
            checkpoint.restore(trainable);
        }
        return Optional.of(saved);
    }

    /** Saves the state as the last one. */
    void save(Position position, List<TensorView> state) {
        write(last(), position, state);
        saved = position;
        clock.save();
        deleteOtherBests(position);
    }

    /** The time of the training, sessions before a resume included. */
    WorkClock clock() {
        return clock;
    }

    boolean isSaved(Position position) {
        return saved.step() == position.step() && Files.exists(last());
    }

    @Override
    public void keepBest(Position position, List<TensorView> state) {
        write(file(position), position, state);
        deleteOtherBests(position);
    }

    @Override
    public void restoreBest(Position position, Trainable trainable) {
        try (Checkpoint checkpoint = best(position)) {
            checkpoint.restore(trainable);
        }
    }

    private Checkpoint best(Position position) {
        Path file = file(position);
        if (!Files.exists(file)) {
            throw new InputException(
                    "checkpoint folder " + folder + " must hold the best state " + file.getFileName() + "; got none");
        }
        Checkpoint checkpoint = Checkpoint.open(file);
        try {
            checkpoint.requirePlan(plan);
        } catch (InputException e) {
            checkpoint.close();
            throw e;
        }
        return checkpoint;
    }

    private Path file(Position position) {
        return folder.resolve(BEST + position.bestStep() + ENDING);
    }

    private void write(Path file, Position position, List<TensorView> state) {
        FiniteState.offender(state).ifPresent(name -> {
            throw new DivergenceException(
                    "state must be finite; got NaN or infinity in " + name + " after step " + position.step()
                            + lastGood(),
                    position.step());
        });
        try {
            Checkpoint.write(file, position, plan.identity(), state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the end of a message that says where the last good state lies. */
    String lastGood() {
        return Files.exists(last()) ? "; last good checkpoint: " + last() + " after step " + saved.step() : "";
    }

    private void deleteOtherBests(Position position) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, BEST + "*" + ENDING)) {
            for (Path file : files) {
                if (!file.equals(file(position)) && !file.equals(file(saved))) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete(String pattern) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }
}
