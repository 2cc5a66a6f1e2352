package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.train.TrainingResult.Stopped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training that was interrupted, however and wherever, ends with the bytes of one that ran through. */
class TrainingResumeTest {
    static final int STEPS = 17;
    private static final long SEED = 5;

    @TempDir
    private Path temporary;

    private Path whole = Path.of("");

    @BeforeEach
    void trainWithoutInterruption() {
        whole = temporary.resolve("whole");
        TrainingResult result = run(new LogisticRegression(SEED), plan(whole), Cancellation.none());
        assertThat(result.stopped()).isEqualTo(Stopped.COMPLETED);
        assertThat(result.steps()).isEqualTo(STEPS);
        // it must learn, else nothing below means much
        assertThat(result.bestMetric().orElseThrow()).isLessThan(0.45);
    }

    /** Metrics every 3 steps and validation every 4 against checkpoints every 5, so that all phases are cut somewhere. */
    static TrainingPlan plan(Path folder) {
        return TrainingPlan.of(STEPS, SEED)
                .validatingEvery(4)
                .stopping(EarlyStopping.lowest("loss", 100))
                .saving(Checkpointing.in(folder, 5))
                .metrics(folder.resolve("metrics.jsonl"), 3)
                .setting("optimiser", "adam");
    }

    private static TrainingResult run(Trainable trainable, TrainingPlan plan, Cancellation cancellation) {
        return TrainingLoop.run(trainable, plan, Progress.silent(), cancellation);
    }

    @Test
    void cancelledAfterAnyStep() throws IOException {
        for (int stop = 0; stop < STEPS; stop++) {
            Path folder = temporary.resolve("cancelled-" + stop);
            Cancellation cancellation = new Cancellation();
            int last = stop;
            if (last == 0) {
                cancellation.cancel();
            }
            Trainable steered = new Steered(new LogisticRegression(SEED), step -> {
                if (step == last) {
                    cancellation.cancel();
                }
            });
            TrainingResult cancelled = run(steered, plan(folder), cancellation);
            assertThat(cancelled.stopped()).isEqualTo(Stopped.CANCELLED);
            assertThat(cancelled.steps()).isEqualTo(stop);

            requireSameAsWhole(folder, run(new LogisticRegression(SEED), plan(folder), Cancellation.none()));
        }
    }

    @Test
    void failedAtAnyStep() throws IOException {
        for (int stop = 1; stop <= STEPS; stop++) {
            Path folder = temporary.resolve("failed-" + stop);
            int last = stop;
            Trainable failing = new Steered(new LogisticRegression(SEED), step -> {
                if (step == last) {
                    throw new IllegalStateException("power cut");
                }
            });
            assertThatThrownBy(() -> run(failing, plan(folder), Cancellation.none()))
                    .hasMessage("power cut");

            requireSameAsWhole(folder, run(new LogisticRegression(SEED), plan(folder), Cancellation.none()));
        }
    }

    @Test
    void cancelledAgainAndAgain() throws IOException {
        Path folder = temporary.resolve("often");
        TrainingResult result;
        int sessions = 0;
        do {
            Cancellation cancellation = new Cancellation();
            result = run(
                    new Steered(new LogisticRegression(SEED), step -> cancellation.cancel()),
                    plan(folder),
                    cancellation);
            sessions++;
        } while (result.stopped() == Stopped.CANCELLED);
        assertThat(sessions).isEqualTo(STEPS);
        requireSameAsWhole(folder, result);
    }

    @Test
    void runAgainWhenDoneTakesNoStepAndGivesTheSameModel() throws IOException {
        Trainable untouched = new Steered(new LogisticRegression(SEED), step -> {
            throw new AssertionError("a step of a training that is done");
        });
        requireSameAsWhole(whole, run(untouched, plan(whole), Cancellation.none()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"step\":12,\"lo", "garbage\n", "{\"step\":24,\"seconds\":9}\n", "{}\n", "\0\0\0\0\n"})
    void whatAKilledJvmAppendedToTheMetricsIsCut(String tail) throws IOException {
        Path folder = temporary.resolve("tail");
        Cancellation cancellation = new Cancellation();
        run(
                new Steered(new LogisticRegression(SEED), step -> cancelAt(11, step, cancellation)),
                plan(folder),
                cancellation);
        Path metrics = folder.resolve("metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics) + tail);
        requireSameAsWhole(folder, run(new LogisticRegression(SEED), plan(folder), Cancellation.none()));
    }

    @Test
    void whatAKilledJvmLeftInTheFolderIsRemoved() throws IOException {
        Path folder = temporary.resolve("litter");
        Cancellation cancellation = new Cancellation();
        run(
                new Steered(new LogisticRegression(SEED), step -> cancelAt(11, step, cancellation)),
                plan(folder),
                cancellation);
        assertThatThrownBy(() -> AtomicFiles.write(Checkpoint.last(folder), temporaryFile -> {
                    Files.copy(temporaryFile, folder.resolve(temporaryFile.getFileName() + ".tmp"));
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        Files.writeString(folder.resolve("best-12.safetensors"), "the best of a step beyond the last checkpoint");
        requireSameAsWhole(folder, run(new LogisticRegression(SEED), plan(folder), Cancellation.none()));
    }

    private static void cancelAt(long stop, long step, Cancellation cancellation) {
        if (step == stop) {
            cancellation.cancel();
        }
    }

    private void requireSameAsWhole(Path folder, TrainingResult result) throws IOException {
        assertThat(result.stopped()).isEqualTo(Stopped.COMPLETED);
        assertThat(result.steps()).isEqualTo(STEPS);
        assertThat(contents(folder)).isEqualTo(contents(whole));
    }

    /** Returns every file of a folder by name: bytes in Latin-1, of the metrics all but the seconds. */
    static Map<String, String> contents(Path folder) throws IOException {
        SortedMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String text = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
                String name = file.getFileName().toString();
                contents.put(
                        name, name.equals("seconds") ? "_" : text.replaceAll("\"seconds\":[0-9.E-]+", "\"seconds\":_"));
            }
        }
        return contents;
    }
}
