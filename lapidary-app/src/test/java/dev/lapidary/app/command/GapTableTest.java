package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class GapTableTest {
    @Test
    void theBestIsFirstAndTheGapIsExplained() {
        GapTable table = new GapTable(
                Map.of("dense", 10.0, "maskllm", 11.0, "wanda", 14.0),
                Map.of("dense", 1.0, "maskllm", 0.75, "wanda", 0.0));

        assertThat(table.text().lines())
                .containsExactly(
                        "method   held-out perplexity  gap closed",
                        "dense                 10.000     100.0 %",
                        "maskllm               11.000      75.0 %",
                        "wanda                 14.000       0.0 %",
                        "Gap closed: 0 % is the best one-shot mask on unchanged weights, 100 % the dense model.");
        assertThat(table.undefined()).isEmpty();
    }

    @Test
    void withoutAnythingToCompareWithTheGapIsNotDefined() {
        GapTable table = new GapTable(Map.of("dense", 10.0, "maskllm", 11.0, "sparsegpt-update", 12.0), Map.of());

        assertThat(table.text())
                .containsPattern("maskllm +11\\.000 +not defined")
                .contains(
                        "Gap closed is not defined: no one-shot mask on unchanged weights was measured (--compare takes "
                                + "magnitude, ");
    }

    @Test
    void whereMasksBeatTheDenseModelThereIsNoGap() {
        GapTable table = new GapTable(Map.of("dense", 10.0, "magnitude", 12.0, "wanda", 9.5), Map.of());

        assertThat(table.undefined())
                .contains(
                        "the best one-shot mask on unchanged weights, wanda (9.500), is no worse than the dense model "
                                + "(10.000)");
    }
}
