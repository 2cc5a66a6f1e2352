package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineProgressTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private long now = 1_000_000;
    private final Progress progress =
            new LineProgress(new PrintStream(written, true, StandardCharsets.UTF_8), () -> now);

    private void pass(double seconds) {
        now += Duration.ofMillis(Math.round(1000 * seconds)).toNanos();
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aLongTaskSaysEveryHalfMinuteHowFarItIs() {
        try (Progress.Task task = progress.start("training", 100)) {
            for (int step = 1; step <= 100; step++) {
                pass(step < 50 ? 7 : 0.1);
                task.note("loss " + step);
                task.advance(1);
            }
        }
        assertThat(lines())
                .hasSize(10)
                .startsWith("training: 5/100, 11 minutes left, loss 5", "training: 10/100, 11 minutes left, loss 10")
                .endsWith("training: 45/100, 6 minutes left, loss 45", "training: 69/100, 3 minutes left, loss 69");
    }

    @Test
    void aShortTaskSaysNothing() {
        try (Progress.Task task = progress.start("reading", 3)) {
            pass(10);
            task.advance(1);
            pass(19.9);
            task.advance(2);
        }
        pass(100);
        assertThat(lines()).isEmpty();
    }

    @Test
    void tasksWithinEachOtherSpeakForThemselves() {
        try (Progress.Task outer = progress.start("seeds", 3)) {
            try (Progress.Task inner = progress.start("seed 0", 40)) {
                pass(31);
                inner.advance(20);
            }
            outer.advance(1);
        }
        assertThat(lines()).containsExactly("seed 0: 20/40, 31 s left", "seeds: 1/3, 62 s left");
    }

    @Test
    void anUnknownTotalAndATaskWithoutAStepHaveNoRemainingTime() {
        Progress.Task unknown = progress.start("reading", -1);
        Progress.Task begun = progress.start("packing", 9);
        pass(30);
        unknown.advance(17);
        begun.advance(0);
        assertThat(lines()).containsExactly("reading: 17", "packing: 0/9");
    }

    @Test
    void manyThreadsMayAdvance() {
        Progress.Task task = progress.start("embedding", 20_000);
        IntStream.range(0, 19_999).parallel().forEach(i -> task.advance(1));
        pass(30);
        task.advance(1);
        assertThat(lines()).containsExactly("embedding: 20000/20000, 0 s left");
    }
}
