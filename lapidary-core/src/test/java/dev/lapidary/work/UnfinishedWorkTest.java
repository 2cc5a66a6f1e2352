package dev.lapidary.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedWorkTest {
    @TempDir
    private Path temporary = Path.of("");

    private Path out() {
        return temporary.resolve("model");
    }

    private static void leave(UnfinishedWork work, String text) throws IOException {
        Files.createDirectories(work.checkpoints());
        Files.writeString(work.checkpoints().resolve("last.safetensors"), text);
    }

    private static String left(UnfinishedWork work) throws IOException {
        return Files.readString(work.checkpoints().resolve("last.safetensors"));
    }

    @Test
    void goesOnWithWhatWasLeft() throws IOException {
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            assertThat(work.resumed()).isFalse();
            leave(work, "state");
        }
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            assertThat(work.resumed()).isTrue();
            assertThat(left(work)).isEqualTo("state");
        }
    }

    @Test
    void restartDiscardsWhatWasLeft() throws IOException {
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            leave(work, "state");
        }
        try (UnfinishedWork work = UnfinishedWork.open(out(), true)) {
            assertThat(work.resumed()).isFalse();
            assertThat(work.checkpoints()).doesNotExist();
        }
    }

    @Test
    void leavesNothingWhereItFinishedOrHasNothingToGoOnFrom() throws IOException {
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            leave(work, "state");
            work.finished();
        }
        assertThat(UnfinishedWork.folder(out())).doesNotExist();
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            Files.writeString(work.folder().resolve("tokenizer.json"), "{}"); // no state
        }
        assertThat(UnfinishedWork.folder(out())).doesNotExist();
    }

    @Test
    void isOfOneAtATimeAndNamesTheOther() {
        try (UnfinishedWork first = UnfinishedWork.open(out(), false)) {
            assertThatThrownBy(() -> UnfinishedWork.open(out(), true))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another process is already writing to")
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("choose another --out");
            assertThat(first.folder()).exists();
        }
        UnfinishedWork.open(out(), false).close();
    }

    /** Another process, which tries to open the same work. */
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) {
            try (UnfinishedWork work = UnfinishedWork.open(Path.of(arguments[0]), false)) {
                System.out.println("opened " + work.folder());
            } catch (InputException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    void isOfOneProcessAtATime() throws Exception {
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            assertThatThrownBy(() -> UnfinishedWork.open(out(), false)).isInstanceOf(InputException.class);
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Other.class.getName(),
                            out().toString())
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("already writing to " + out() + " (process "
                            + ProcessHandle.current().pid() + ")");
            assertThat(other.waitFor()).isZero();
            assertThat(work.folder()).exists();
        }
    }

    @Test
    void sumsTheSecondsOfItsSessions() throws IOException {
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            leave(work, "state");
            assertThat(work.seconds()).isLessThan(1000);
        }
        Path file = UnfinishedWork.folder(out()).resolve("seconds");
        assertThat(Double.parseDouble(Files.readString(file))).isPositive();
        Files.writeString(file, "1000.5\n");
        try (UnfinishedWork work = UnfinishedWork.open(out(), false)) {
            assertThat(work.seconds()).isBetween(1000.5, 2000.0);
        }
        assertThat(Double.parseDouble(Files.readString(file))).isBetween(1000.5, 2000.0);
        try (UnfinishedWork work = UnfinishedWork.open(out(), true)) {
            assertThat(work.seconds()).isLessThan(1000);
        }
    }

    @Test
    void aClockThatIsNoNumberStartsAtZero() throws IOException {
        Path file = temporary.resolve("seconds");
        Files.writeString(file, "NaN");
        assertThat(WorkClock.resume(file).seconds()).isLessThan(1000);
        Files.writeString(file, "-5");
        assertThat(WorkClock.resume(file).seconds()).isNotNegative();
        Files.writeString(file, "1e3");
        WorkClock clock = WorkClock.resume(file);
        assertThat(clock.seconds() - clock.sessionSeconds()).isBetween(999.9, 1000.1);
    }
}
