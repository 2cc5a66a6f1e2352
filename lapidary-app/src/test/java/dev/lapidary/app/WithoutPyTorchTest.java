package dev.lapidary.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.language.CompressedCheckpoint;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.linear.LowRankLinear;
import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs commands that need no PyTorch in a JVM whose class path has none. */
class WithoutPyTorchTest {
    @TempDir
    private Path folder;

    @Test
    void predictAndExplainSayTheSame() throws IOException, InterruptedException {
        Path data = SmallNews.write(folder.resolve("news.csv"));
        Path concepts = SmallNews.writeConcepts(folder.resolve("concepts.txt"));
        Path model = folder.resolve("model");
        String train = "concepts train --text story --label topic --nec 4 --seeds 1 --activation-cutoff -1";
        CommandRun trained =
                CommandRun.of(joined(train.split(" "), "--data", data, "--concepts", concepts, "--out", model));
        assertThat(trained.status()).as(trained.err()).isZero();
        Object[] predict = {"concepts", "predict", "--model", model, "--data", data, "--json"};
        String input = "The keeper saved a penalty in the rain.";
        Object[] explain = {"concepts", "explain", "--model", model, "--input", input, "--json"};

        JsonNode predicted = inOwnJvm(predict);
        JsonNode explained = inOwnJvm(explain);

        assertThat(predicted.path("predictions").size()).isEqualTo(36);
        assertThat(predicted.path("predictions"))
                .isEqualTo(CommandRun.of(predict).json("predictions"));
        assertThat(explained).isEqualTo(CommandRun.of(explain).json());
    }

    @Test
    void packWritesTheSameBytes() throws IOException, InterruptedException {
        Path text = SmallLanguageModel.writeText(folder.resolve("text.txt"), 40);
        Path model = SmallLanguageModel.write(folder.resolve("model"), text);
        Path mask = folder.resolve("mask");
        CommandRun pruned = CommandRun.of("mask", "prune", "--model", model, "--method", "magnitude", "--out", mask);
        assertThat(pruned.status()).as(pruned.err()).isZero();
        for (String[] kind : List.of(new String[] {"--type", "int8"}, new String[] {"--gguf", "--type", "f16"})) {
            Path with = folder.resolve("with" + kind.length);
            Path without = folder.resolve("without" + kind.length);
            Object[] command = {"lm", "pack", "--model", model, "--mask", mask, "--json", "--out"};

            CommandRun run = CommandRun.of(joined(joined(command, with), (Object[]) kind));
            assertThat(run.status()).as(run.err()).isZero();
            inOwnJvm(joined(joined(command, without), (Object[]) kind));

            assertThat(without).hasSameBinaryContentAs(with);
        }
    }

    @Test
    void packRefusesACompressedModelInOneLine() throws IOException, InterruptedException {
        Path text = SmallLanguageModel.writeText(folder.resolve("text.txt"), 30);
        Path base = SmallLanguageModel.write(folder.resolve("base"), text);
        Path small = folder.resolve("small");
        try (LanguageModel model = LanguageModel.open(base)) {
            String weight = model.prunable().getFirst();
            model.replace(weight, LowRankLinear.nearest(model.parameter(weight), 8));
            CompressedCheckpoint.write(small, base, model, DType.F32);
        }
        Process process = start("lm", "pack", "--model", small, "--out", folder.resolve("packed"));

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(folder.resolve("errors.txt"))
                .content()
                .contains(
                        "PyTorch must be on the class path to read ",
                        "q_proj.weight, a low-rank layer; got org/bytedeco")
                .doesNotContain("\tat ");
        assertThat(folder.resolve("packed")).doesNotExist();
    }

    private static Object[] joined(Object[] some, Object... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray();
    }

    /** Runs a command on the class path without PyTorch and returns the object that it prints. */
    private JsonNode inOwnJvm(Object... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as("errors are in %s, output:%n%s", folder.resolve("errors.txt"), out)
                .isZero();
        return JsonMapper.shared().readTree(out.lines().toList().getLast());
    }

    /** Starts a command on the class path without PyTorch; its errors go to errors.txt. */
    private Process start(Object... arguments) throws IOException {
        return OwnJvm.of(Main.class, arguments)
                .flags("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED")
                .without(entry -> entry.contains("bytedeco"), 6)
                .builder()
                .redirectError(folder.resolve("errors.txt").toFile())
                .start();
    }
}
