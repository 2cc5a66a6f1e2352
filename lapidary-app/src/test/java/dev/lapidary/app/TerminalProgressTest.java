package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lapidary.runtime.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 10, unit = TimeUnit.MINUTES) // only a hang takes as long
class TerminalProgressTest {
    private final ByteArrayOutputStream drawn = new ByteArrayOutputStream();
    private final Progress progress = new TerminalProgress(new PrintStream(drawn, true, StandardCharsets.UTF_8));

    /** Draws a task as commands do. */
    static final class Drawing {
        public static void main(String[] arguments) {
            try (Progress.Task task = TerminalProgress.standard().start("polishing", 4)) {
                task.advance(4);
            }
        }
    }

    private String text() {
        return drawn.toString(StandardCharsets.UTF_8);
    }

    /** Returns what stands on the terminal's lines at the end, without trailing space. */
    private List<String> screen() {
        return Arrays.stream(text().split("\n", -1))
                .map(line -> line.substring(line.lastIndexOf('\r') + 1).stripTrailing())
                .toList();
    }

    @Test
    void aTaskLeavesItsLineWithStepsTimeAndNote() {
        try (Progress.Task task = progress.start("training", 8)) {
            task.advance(3);
            task.advance(5);
            task.note("loss 0.25");
        }
        assertThat(screen()).hasSize(2);
        assertThat(screen().getFirst())
                .startsWith("training 100%")
                .contains("8/8", "loss 0.25")
                .containsPattern("\\(\\d:\\d\\d:\\d\\d")
                .hasSizeLessThanOrEqualTo(80);
        assertThat(screen().getLast()).isEmpty();
    }

    @Test
    void theRemainingTimeIsShown() throws InterruptedException {
        try (Progress.Task task = progress.start("training", 1000)) {
            Thread.sleep(50);
            task.advance(1);
        }
        // elapsed / remaining: about 50 s where one step in a thousand took 50 ms
        assertThat(screen().getFirst())
                .contains("1/1000")
                .containsPattern("\\(\\d:\\d\\d:\\d\\d / \\d:\\d\\d:\\d\\d\\)");
    }

    @Test
    void ofNestedTasksTheInnerIsDrawnAndTheOuterStays() {
        try (Progress.Task outer = progress.start("seeds", 2)) {
            for (int seed = 0; seed < 2; seed++) {
                try (Progress.Task inner = progress.start("training seed " + seed, 5)) {
                    inner.advance(5);
                    outer.advance(1);
                }
            }
        }
        assertThat(text()).contains("training seed 0 100%", "training seed 1 100%");
        assertThat(screen()).hasSize(2);
        assertThat(screen().getFirst()).startsWith("seeds 100%").contains("2/2");
    }

    @Test
    void tasksSideBySideEndInAnyOrderWithoutALineTooMany() {
        Progress.Task first = progress.start("first", 1);
        Progress.Task second = progress.start("second", 1);
        Progress.Task third = progress.start("third", 1);
        first.advance(1);
        first.close();
        third.close();
        second.close();
        assertThat(screen()).hasSize(2);
        assertThat(screen().getFirst()).startsWith("second");
    }

    @Test
    void tasksTooShortToBeDrawnEndTheirLineToo() {
        for (int i = 0; i < 300; i++) {
            progress.start("short " + i, 1).close();
        }
        assertThat(screen()).hasSize(301).last().isEqualTo("");
    }

    @Test
    void manyThreadsMayAdvance() {
        try (Progress.Task task = progress.start("embedding", 40_000)) {
            IntStream.range(0, 40_000).parallel().forEach(i -> task.advance(1));
        }
        assertThat(screen().getFirst()).contains("40000/40000");
    }

    @Test
    void anUnknownTotalIsCounted() {
        try (Progress.Task task = progress.start("reading", -1)) {
            task.advance(17);
        }
        assertThat(screen().getFirst()).startsWith("reading").contains("17");
    }

    @Test
    void nothingIsDrawnWhereStandardErrorIsNoTerminal(@TempDir Path temporary)
            throws IOException, InterruptedException {
        Path errors = temporary.resolve("errors");
        Process process =
                ForkedJvm.of(Drawing.class).redirectError(errors.toFile()).start();
        assertThat(process.waitFor()).isZero();
        assertThat(errors).isEmptyFile();
    }

    @Test
    void onATerminalItIsDrawnThoughStandardOutputIsAFile(@TempDir Path temporary)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "needs script, which makes a terminal");
        List<String> java = ForkedJvm.of(Drawing.class).command();
        String line = "'" + String.join("' '", java) + "' > " + temporary.resolve("out");
        Path log = temporary.resolve("log");
        ProcessBuilder builder = new ProcessBuilder("script", "-qec", line, log.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("TERM", "xterm");
        assertThat(builder.start().waitFor()).isZero();
        assertThat(Files.readString(log)).contains("polishing 100%", "4/4").doesNotContain("WARNING");
        assertThat(temporary.resolve("out")).isEmptyFile();
    }
}
