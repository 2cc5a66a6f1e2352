package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.OneShotMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code lapidary mask prune} from folder to folder. */
class MaskPruneCommandTest {
    @TempDir
    private static Path shared;

    private static Path text;
    private static Path model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() throws IOException {
        SmallLanguageModel small = SmallLanguageModel.in(shared, 200);
        text = small.text();
        model = small.model();
    }

    @ParameterizedTest
    @CsvSource({"magnitude, 2:4, 0.5", "wanda, 1:4, 0.25", "sparsegpt, 4:8, 0.5", "sparsegpt-update, 2:4, 0.5"})
    void writesAMaskFolderAndReports(String method, String pattern, double density) {
        CommandRun run = prune("--method", method, "--pattern", pattern, "--text", text, "--samples", 8);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json("method").asString()).isEqualTo(method);
        assertThat(run.json("pattern").asString()).isEqualTo(pattern);
        assertThat(run.number("density")).isEqualTo(density);
        assertThat(run.number("weights")).isEqualTo(2 * (4 * 32 * 32 + 3 * 32 * 96));
        assertThat(run.number("sequences")).isEqualTo(8);
        assertThat(run.number("length")).isEqualTo(32);
        assertThat(run.json("layers").size()).isEqualTo(14);
        for (JsonNode layer : run.json("layers")) {
            assertThat(layer.get("error").doubleValue()).isBetween(1e-6, 1.0);
            assertThat(layer.get("keptNorm").doubleValue()).isBetween(0.2, 1.0);
        }
        MaskSet set = MaskFolder.read(folder.resolve("mask"));
        assertThat(set.layers()).hasSize(14);
        assertThat(set.pattern()).hasToString(pattern);
        assertThat(set.updatedWeights()).hasSize(method.equals("sparsegpt-update") ? 14 : 0);
    }

    @Test
    void textNamesTheKindsOfLayers() {
        CommandRun run = CommandRun.of(
                "mask", "prune", "--model", model, "--method", "magnitude", "--out", folder.resolve("mask"));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("magnitude 2:4, 26624 weights, no text", "self_attn.q_proj", "mlp.down_proj", "norm kept")
                .contains("mask: " + folder.resolve("mask"));
    }

    /** The tests' own method is one class and one service line. */
    @Test
    void aMethodThatIsAddedIsListedAndPrunes() {
        assertThat(names()).contains("magnitude", "random", "sparsegpt", "sparsegpt-update", "wanda");
        for (String command : List.of("prune", "learn")) {
            String help = CommandRun.of("mask", command, "--help").out().replaceAll("\\s+", " ");
            assertThat(OneShotMethod.all())
                    .allSatisfy(method -> assertThat(help).contains(method.name() + " (" + method.summary() + ")"));
        }

        CommandRun run = prune("--method", "random", "--seed", 3);

        assertThat(run.status()).as(run.err()).isZero();
        MaskSet set = MaskFolder.read(folder.resolve("mask"));
        assertThat(set.method()).isEqualTo("random");
        assertThat(set.settings()).containsExactly(Map.entry("seed", "3"));
        assertThat(set.density()).isEqualTo(0.5);
    }

    private static List<String> names() {
        return OneShotMethod.all().stream().map(OneShotMethod::name).toList();
    }

    @Test
    void refusesBadInputWithOneLineAndWritesNothing() throws IOException {
        Path tiny = Files.writeString(folder.resolve("tiny.txt"), "the cat");
        refusedAndNotWritten(prune("--method", "wanda", "--text", tiny), "at least one window of 32 tokens; got");
        refusedAndNotWritten(prune("--method", "wanda"), "must be given a calibration text");
        refusedAndNotWritten(
                prune("--method", "wandaa", "--text", text),
                "must be one of " + String.join(", ", names()) + "; got wandaa; did you mean wanda?");
        refusedAndNotWritten(prune("--method", "wanda", "--text", text, "--pattern", "5:4"), "got 5:4");
        refusedAndNotWritten(prune("--method", "wanda", "--text", text, "--pattern", "2:5"), "in=32, m=5");
        refusedAndNotWritten(
                prune("--method", "sparsegpt", "--text", text, "--damp", 0), "damp must be above 0; got 0.0");
        refusedAndNotWritten(
                prune("--method", "wanda", "--text", text, "--flow", "up"),
                "--flow must be one of sequential, dense; got up");
        refusedAndNotWritten(
                prune("--method", "wanda", "--text", text, "--samples", 0), "--samples must be at least 1; got 0");
        refusedAndNotWritten(prune("--method", "wanda", "--text", folder.resolve("none.txt")), "none.txt");
    }

    @Test
    void neverWritesOverTheModel() {
        CommandRun run =
                CommandRun.of("mask", "prune", "--model", model, "--method", "magnitude", "--out", model, "--json");

        refusedAndNotWritten(run, model.toString());
        assertThat(model.resolve("model.safetensors")).exists();
    }

    private void refusedAndNotWritten(CommandRun run, String part) {
        refused(run, part);
        assertThat(folder.resolve("mask")).doesNotExist();
    }

    private CommandRun prune(Object... options) {
        List<Object> words =
                new ArrayList<>(List.of("mask", "prune", "--model", model, "--out", folder.resolve("mask"), "--json"));
        words.addAll(List.of(options));
        return CommandRun.of(words.toArray());
    }
}
