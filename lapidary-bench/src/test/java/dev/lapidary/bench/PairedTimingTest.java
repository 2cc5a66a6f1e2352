package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedTimingTest {
    @Test
    void medianOfOddAndEvenNumbers() {
        assertThat(PairedTiming.median(new double[] {9, 1, 4})).isEqualTo(4);
        assertThat(PairedTiming.median(new double[] {9, 1, 4, 5})).isEqualTo(4.5);
    }

    @Test
    void sidesTakeTurnsAfterTheWarmUp() {
        List<String> calls = new ArrayList<>();
        var ours = new PairedTiming.Side(() -> calls.add("a"), 2);
        var reference = new PairedTiming.Side(() -> calls.add("b"), 1);
        PairedTiming timing = PairedTiming.measure(ours, reference, 0, 3);
        assertThat(String.join("", calls)).isEqualTo("aab" + "aabaabaab");
        assertThat(timing.repetitions()).isEqualTo(3);
        assertThat(new PairedTiming(2, 9, 1).ratio()).isEqualTo(4.5);
    }

    @Test
    void namesOfBenchmarksAreUnique() {
        assertThat(Main.all())
                .extracting(Benchmark::name)
                .contains("concepts-train")
                .doesNotHaveDuplicates();
    }
}
