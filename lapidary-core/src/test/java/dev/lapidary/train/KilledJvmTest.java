package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed while it trains, without a chance to do anything, leaves a checkpoint that can be loaded and resumed. */
class KilledJvmTest {
    private static final long STEPS = 600;

    @TempDir
    private Path temporary;

    /** Saves after every step, so that the kill often falls into a save. */
    private static TrainingPlan plan(Path folder) {
        return TrainingPlan.of(STEPS, 8)
                .validatingEvery(3)
                .stopping(EarlyStopping.lowest("loss", STEPS))
                .saving(Checkpointing.in(folder, 1))
                .metrics(folder.resolve("metrics.jsonl"), 2);
    }

    private static void train(TrainingPlan plan, LongConsumer afterStep) {
        var trained = new Steered(new LogisticRegression(8), afterStep);
        TrainingLoop.run(trained, plan, Progress.silent(), Cancellation.none());
    }

    /** What the forked JVM runs: it trains into a folder, but stops and waits at a step, after which it makes a file. */
    public static void main(String[] arguments) {
        long end = Long.parseLong(arguments[1]);
        train(plan(Path.of(arguments[0])), step -> {
            if (step == end) {
                waitForTheKill(Path.of(arguments[2]));
            }
        });
    }

    private static void waitForTheKill(Path arrived) {
        try {
            Files.createFile(arrived);
            new CountDownLatch(1).await();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aKilledTrainingResumesToTheSameBytes() throws IOException, InterruptedException {
        Path folder = temporary.resolve("killed");
        for (int session = 0; session < 2; session++) {
            killAfterSomeSteps(folder, session);
            try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(folder))) {
                assertThat(checkpoint.step()).isBetween(1L, STEPS - 1);
            }
        }
        // from here on saving seldom is enough, and quicker
        train(plan(folder).saving(Checkpointing.in(folder, 200)), _ -> {});
        Path whole = temporary.resolve("whole");
        train(plan(whole).saving(Checkpointing.in(whole, 200)), _ -> {});
        assertThat(TrainingResumeTest.contents(folder)).isEqualTo(TrainingResumeTest.contents(whole));
    }

    /** Kills it once twenty checkpoints were seen, or at the step where it waits should this thread have been too slow. */
    private void killAfterSomeSteps(Path folder, int session) throws IOException, InterruptedException {
        Path last = Checkpoint.last(folder);
        Path arrived = temporary.resolve("arrived" + session);
        Process jvm = OwnJvm.of(KilledJvmTest.class, folder, (session + 1) * STEPS / 3, arrived)
                .builder()
                .inheritIO()
                .start();
        try {
            Object before = key(last);
            int seen = 0;
            while (seen < 20 && !Files.exists(arrived)) {
                assertThat(jvm.isAlive()).isTrue();
                Object now = key(last);
                seen += now.equals(before) ? 0 : 1;
                before = now;
                TimeUnit.MILLISECONDS.sleep(1);
            }
        } finally {
            jvm.destroyForcibly().waitFor();
        }
    }

    /** Returns what changes whenever the checkpoint is replaced. */
    private static Object key(Path file) throws IOException {
        return Files.exists(file) ? Files.getLastModifiedTime(file) : "none";
    }
}
