package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code encoder adapt} on drawn scenes, from encoders that hardly learnt anything. */
class EncoderAdaptCommandTest {
    @TempDir
    static Path folder;

    private static Path encoder;
    private static Path scenes;

    @BeforeAll
    static void train() {
        scenes = folder.resolve("scenes");
        encoder = folder.resolve("encoder");
        run("images", "scenes", "--out", scenes, "--count", 120, "--side", 16);
        run(
                "encoder",
                "train",
                "--images",
                scenes.resolve("scenes.csv"),
                "--out",
                encoder,
                "--side",
                16,
                "--channels",
                4,
                "--width",
                8,
                "--epochs",
                1,
                "--batch",
                32,
                "--products",
                "f32");
    }

    private static CommandRun run(Object... words) {
        CommandRun run = CommandRun.of(
                Stream.concat(Stream.of(words), Stream.of("--json")).toArray());
        assertThat(run.status()).as(run.err()).isZero();
        return run;
    }

    private static Object[] adapt(Path from, Path out, Object... more) {
        List<Object> words = new ArrayList<>(List.of("encoder", "adapt", "--encoder", from, "--out", out));
        words.addAll(List.of("--images", scenes.resolve("scenes.csv"), "--concepts", scenes.resolve("concepts.txt")));
        Collections.addAll(words, more);
        return words.toArray();
    }

    @Test
    void writesEncodersWhoseImageNetworkAloneIsAnother() throws IOException {
        Path out = folder.resolve("adapted");
        CommandRun run = run(adapt(encoder, out, "--rank", 2, "--epochs", 2, "--batch", 16, "--products", "f32"));

        assertThat(run.json().propertyNames())
                .containsExactlyInAnyOrder(
                        "steps",
                        "seconds",
                        "images",
                        "heldOutImages",
                        "accuracy",
                        "parameters",
                        "imagesPerSecond",
                        "skipped",
                        "folder");
        assertThat(run.number("steps")).isEqualTo(2 * 7);
        assertThat(run.number("images")).isEqualTo(108);
        assertThat(run.number("parameters"))
                .isEqualTo(2 * ((4 + 27) + 2 * (4 + 36) + (8 + 36) + (8 + 72) + (8 + 4) + (8 + 8)));
        for (String same :
                List.of("onnx/text_model.onnx", "tokenizer.json", "config.json", "preprocessor_config.json")) {
            assertThat(out.resolve(same)).hasSameBinaryContentAs(encoder.resolve(same));
        }
        assertThat(Files.size(out.resolve("onnx/vision_model.onnx")))
                .isEqualTo(Files.size(encoder.resolve("onnx/vision_model.onnx")));
        assertThat(Files.readAllBytes(out.resolve("onnx/vision_model.onnx")))
                .isNotEqualTo(Files.readAllBytes(encoder.resolve("onnx/vision_model.onnx")));
        assertThat(Files.readString(out.resolve("lapidary.json"))).contains("\"rank\":\"2\"", encoder.toString());

        assertThat(run("encoder", "evaluate", "--encoder", out, "--images", scenes.resolve("scenes.csv"))
                        .number("examples"))
                .isEqualTo(120);
        Object[] train = {
            "concepts",
            "train",
            "--encoder",
            out,
            "--images",
            scenes.resolve("scenes.csv"),
            "--seeds",
            1,
            "--concepts",
            scenes.resolve("concepts.txt")
        };
        assertThat(run(train).number("concepts")).isEqualTo(56); // whatever the scale of its cosines
        refused(
                Stream.concat(Stream.of(train), Stream.of("--activation-cutoff", 1))
                        .toArray(),
                "got none of 56 (dropped by activation: 56)");
        CommandRun again = run(adapt(out, folder.resolve("twice"), "--adapters", "projection", "--epochs", 1));
        assertThat(again.number("parameters")).isEqualTo(8 * (8 + 8));
    }

    @Test
    void whatCannotBeAdaptedIsOneLineAndLeavesNothing() throws IOException {
        Path out = folder.resolve("none");
        Path foreign = SmallClip.write(folder.resolve("foreign"));
        refused(adapt(foreign, out), "foreign: must be a folder that lapidary encoder train or adapt wrote");
        refused(adapt(encoder, out, "--loss", "gumbel"), "loss must be one of sparse, l1, contrastive; got gumbel");
        refused(adapt(encoder, out, "--rank", 0), "rank must be from 1 to 1024; got 0");
        Path broken = folder.resolve("broken");
        run(adapt(encoder, broken, "--epochs", 1));
        byte[] whole = Files.readAllBytes(broken.resolve("onnx/vision_model.onnx"));
        Files.write(broken.resolve("onnx/vision_model.onnx"), Arrays.copyOf(whole, whole.length - 99));
        refused(adapt(broken, out), "vision_model.onnx: must be a whole ONNX model; got a field of");
        assertThat(out).doesNotExist();
        assertThat(folder.resolve(".none.unfinished")).doesNotExist();
    }
}
