package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.Checkpoint;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sends real signals to real JVMs. */
@Timeout(value = 10, unit = TimeUnit.MINUTES) // only a hang takes as long
@DisabledOnOs(OS.WINDOWS)
class InterruptsTest {
    private static final long STEPS = 2000;

    @TempDir
    private Path temporary;

    private static TrainingPlan plan(Path folder) {
        return TrainingPlan.of(STEPS, 0)
                .saving(Checkpointing.in(folder, STEPS))
                .metrics(folder.resolve("metrics.jsonl"), 3);
    }

    /** Trains until Ctrl-C. */
    static final class Training {
        public static void main(String[] arguments) {
            Cancellation cancellation = new Cancellation();
            try (Interrupts interrupts = Interrupts.install(cancellation)) {
                TrainingLoop.run(
                        new CountingTrainable(10), plan(Path.of(arguments[0])), Progress.silent(), cancellation);
                System.exit(interrupts.status(0));
            }
        }
    }

    /** Ignores the cancellation. */
    static final class Stuck {
        public static void main(String[] arguments) throws IOException, InterruptedException {
            try (Interrupts interrupts =
                    Interrupts.install(new Cancellation(), Duration.ofMillis(Long.parseLong(arguments[0])))) {
                Files.createFile(Path.of(arguments[1]));
                new CountDownLatch(1).await();
                System.exit(interrupts.status(0));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void anInterruptedTrainingSavesItselfAndResumesToTheSameBytes(String signal, int status)
            throws IOException, InterruptedException {
        Path folder = temporary.resolve("interrupted");
        Path metrics = folder.resolve("metrics.jsonl");
        Path messages = temporary.resolve("messages");
        Process training = ForkedJvm.of(Training.class, folder.toString())
                .redirectError(messages.toFile())
                .start();
        try {
            while (!Files.exists(metrics) || Files.size(metrics) == 0) {
                assertThat(training.isAlive()).isTrue();
                TimeUnit.MILLISECONDS.sleep(5);
            }
            ForkedJvm.send(signal, training);
            assertThat(training.waitFor()).isEqualTo(status);
        } finally {
            training.destroyForcibly();
        }
        assertThat(messages).content().contains("stopping and saving; Ctrl-C again stops at once");
        try (Checkpoint checkpoint = Checkpoint.open(Checkpoint.last(folder))) {
            assertThat(checkpoint.step()).isBetween(1L, STEPS - 1);
        }

        Path whole = temporary.resolve("whole");
        for (Path each : new Path[] {folder, whole}) {
            TrainingLoop.run(new CountingTrainable(0), plan(each), Progress.silent(), Cancellation.none());
        }
        assertThat(Checkpoint.last(folder)).hasSameBinaryContentAs(Checkpoint.last(whole));
        assertThat(withoutSeconds(metrics)).isEqualTo(withoutSeconds(whole.resolve("metrics.jsonl")));
    }

    @Test
    void workThatDoesNotEndIsHaltedInTime() throws IOException, InterruptedException {
        Process stuck = startStuck(Duration.ofMillis(50));
        ForkedJvm.interrupt(stuck);
        assertThat(stuck.waitFor()).isEqualTo(130);
    }

    @Test
    void theSecondCtrlCHaltsAtOnce() throws IOException, InterruptedException {
        Process stuck = startStuck(Duration.ofDays(1));
        try {
            ForkedJvm.interrupt(stuck);
            assertThat(stuck.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
            ForkedJvm.interrupt(stuck);
            assertThat(stuck.waitFor()).isEqualTo(130);
        } finally {
            stuck.destroyForcibly();
        }
    }

    @Test
    void withoutCtrlCTheStatusIsTheCommands() {
        Cancellation cancellation = new Cancellation();
        try (Interrupts interrupts = Interrupts.install(cancellation)) {
            assertThat(interrupts.status(0)).isZero();
            assertThat(interrupts.status(2)).isEqualTo(2);
        }
        assertThat(cancellation.requested()).isFalse();
    }

    private Process startStuck(Duration timeToSave) throws IOException, InterruptedException {
        Path ready = temporary.resolve("ready");
        Process stuck = ForkedJvm.of(Stuck.class, Long.toString(timeToSave.toMillis()), ready.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        while (!Files.exists(ready)) {
            assertThat(stuck.isAlive()).isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return stuck;
    }

    private static String withoutSeconds(Path metrics) throws IOException {
        return Files.readString(metrics, StandardCharsets.UTF_8).replaceAll("\"seconds\":[0-9.E-]+", "");
    }
}
