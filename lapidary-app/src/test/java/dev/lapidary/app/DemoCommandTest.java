package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo with the fewest seeds. */
class DemoCommandTest {
    @TempDir
    private Path folder;

    @Test
    void demoComparesExplainsIntervenesAndSaves() {
        Path model = folder.resolve("demo");

        CommandRun run = CommandRun.of("demo", "--seeds", 2, "--out", model);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("sparse", "zero-shot", "linear-probe", "random-words", "random-directions")
                .contains(
                        "predicted: ",
                        "found, speaks for",
                        "not found, which speaks",
                        "smallest change of concept scores that flips",
                        "predictions changed")
                .contains("Saved in " + model);
        assertThat(model.toFile().list()) // what another run may replace
                .containsExactlyInAnyOrder(
                        "lapidary.json",
                        "model.safetensors",
                        "ledger.json",
                        "metrics.json",
                        "splits.json",
                        "nec-curve.svg",
                        "calibration.json",
                        "seen-items.safetensors",
                        "training-items.json",
                        "city-requests.csv",
                        "concepts.txt");
        CommandRun evaluated = CommandRun.of(
                "concepts", "evaluate", "--model", model, "--data", model.resolve("city-requests.csv"), "--json");
        assertThat(evaluated.number("examples")).isEqualTo(480);
        assertThat(evaluated.number("accuracy")).isGreaterThan(0.6);
    }
}
