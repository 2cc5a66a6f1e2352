package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.kernel.WeightType;
import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void helpSaysWhatABenchmarkDoes() {
        assertThat(Main.help(new GemvBench(WeightType.BF16)).lines())
                .startsWith(
                        "Usage: lapidary bench gemv-bf16 [--json]",
                        "2:4 against dense bf16 weights (4096 x 11008) times one vector, from memory.")
                .contains("  lapidary bench gemv-bf16 --json");
    }
}
