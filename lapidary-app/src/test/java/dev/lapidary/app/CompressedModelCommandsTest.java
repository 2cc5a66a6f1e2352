package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.CompressedCheckpoint;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.linear.LowRankLinear;
import dev.lapidary.runtime.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on the folder of a model whose linear layers are low-rank. */
class CompressedModelCommandsTest {
    @TempDir
    private Path folder;

    @Test
    void evaluateRunsItAndPruneRefusesItInOneLine() throws IOException {
        Path text = SmallLanguageModel.writeText(folder.resolve("text.txt"), 30);
        Path base = SmallLanguageModel.write(folder.resolve("base"), text);
        Path small = folder.resolve("small");
        Path ordinary = folder.resolve("ordinary");
        try (LanguageModel model = LanguageModel.open(base)) {
            for (String weight : model.prunable()) {
                model.replace(weight, LowRankLinear.nearest(model.parameter(weight), 8));
            }
            CompressedCheckpoint.write(small, base, model, DType.F32);
        }
        CompressedCheckpoint.materialise(small, ordinary, DType.F32);

        double perplexity = perplexity(small, text);
        assertThat(perplexity).isNotEqualTo(perplexity(base, text));
        assertThat(perplexity).isCloseTo(perplexity(ordinary, text), within(1e-5 * perplexity));

        CommandRun refused =
                CommandRun.of("mask", "prune", "--model", small, "--method", "magnitude", "--out", folder.resolve("m"));
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err())
                .contains("as a dense weight; got a low-rank one")
                .hasLineCount(1);
    }

    private static double perplexity(Path model, Path text) {
        CommandRun run = CommandRun.of("lm", "evaluate", "--model", model, "--text", text, "--json");
        assertThat(run.status()).as(run.err()).isZero();
        return run.number("perplexity");
    }
}
