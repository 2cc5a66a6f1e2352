package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.work.UnfinishedWork;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code encoder train} from drawn images to a folder, and on input that cannot be trained on. */
class EncoderTrainCommandTest {
    private static final List<String> SMALL = List.of(
            "--side", "16", "--channels", "4", "--width", "8", "--epochs", "1", "--batch", "16", "--products", "f32");

    @TempDir
    Path folder;

    private Path images;
    private Path captions;

    @BeforeEach
    void draw() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        for (String colour : List.of("red", "blue")) {
            Path own = Files.createDirectory(images.resolve(colour));
            for (int i = 0; i < 16; i++) {
                BufferedImage image = new BufferedImage(20, 24, BufferedImage.TYPE_INT_RGB);
                image.setRGB(i, i, colour.equals("red") ? 0xff0000 : 0xff);
                ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
            }
        }
        captions = Files.writeString(folder.resolve("captions.txt"), "red: something red\nblue: something blue\n");
    }

    private CommandRun run(String... more) {
        List<String> words = new ArrayList<>(List.of("encoder", "train", "--images", images.toString()));
        words.addAll(SMALL);
        Collections.addAll(words, more);
        words.add("--json");
        return CommandRun.of(words.toArray());
    }

    @Test
    void whoJudgesOnImagesOfTheTrainingIsWarned() throws IOException {
        Path out = folder.resolve("encoder");
        assertThat(run("--captions", captions.toString(), "--out", out.toString())
                        .status())
                .isZero();
        Path fresh = Files.createDirectories(folder.resolve("fresh/red"));
        BufferedImage image = new BufferedImage(20, 24, BufferedImage.TYPE_INT_RGB);
        image.setRGB(3, 4, 0x8f0000);
        ImageIO.write(image, "png", fresh.resolve("new.png").toFile());
        Path evaluated = fresh.resolve("known.png");
        Files.copy(images.resolve("red/5.png"), evaluated);
        CommandRun mixed = evaluate(out, folder.resolve("fresh"));
        assertThat(mixed.status()).as(mixed.err()).isZero();
        assertThat(mixed.err()).contains("warning: 1 of 2 images are among those that the encoder was trained on");
        Files.delete(evaluated);
        assertThat(evaluate(out, folder.resolve("fresh")).err()).doesNotContain("trained on");
    }

    private static CommandRun evaluate(Path encoder, Path images) {
        return CommandRun.of("encoder", "evaluate", "--encoder", encoder, "--images", images, "--json");
    }

    @Test
    void writesAFolderInTheLayoutOfExportsOfClip() throws IOException, OrtException {
        Files.writeString(images.resolve("red/bad.png"), "no image");
        Path out = folder.resolve("encoder");
        CommandRun run = run("--captions", captions.toString(), "--out", out.toString());
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("images")).isEqualTo(29);
        assertThat(run.number("heldOutImages")).isEqualTo(3);
        assertThat(run.number("captions")).isEqualTo(2);
        assertThat(run.number("steps")).isEqualTo(2);
        assertThat(run.json("skipped").get(0).path("name").stringValue()).isEqualTo("red/bad.png");
        assertThat(run.err()).contains("warning: 1 image skipped, first red/bad.png: must be");
        assertThat(run.number("precision")).isBetween(0.0, 1.0);
        try (Stream<Path> files = Files.walk(out)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> out.relativize(file).toString()))
                    .containsExactlyInAnyOrder(
                            "config.json",
                            "lapidary.json",
                            "onnx/text_model.onnx",
                            "onnx/vision_model.onnx",
                            "preprocessor_config.json",
                            "tokenizer.json",
                            "training_images.txt");
        }
        try (OrtSession text = OnnxRuntime.environment()
                .createSession(out.resolve("onnx/text_model.onnx").toString())) {
            assertThat(text.getInputNames()).contains("input_ids", "attention_mask");
            assertThat(text.getOutputNames()).contains("text_embeds");
        }
        assertThat(folder.resolve(".encoder.unfinished")).doesNotExist();
        OutputFolderTest.assertReplaceable(out, "none", "encoder", "train", "--images", "none", "--out");
    }

    @Test
    void whatIsTrueOfAnImageIsItsCaptionToo() throws IOException {
        List<String> rows = new ArrayList<>(List.of("path,a red dot,a blue dot"));
        for (String colour : List.of("red", "blue")) {
            for (int i = 0; i < 16; i++) {
                rows.add(colour + "/" + i + ".png," + (colour.equals("red") ? "1,0" : "0,1"));
            }
        }
        Path labels = Files.write(folder.resolve("concepts.csv"), rows);
        CommandRun run = run("--concept-labels", labels.toString(), "--out", folder.resolve("encoder") + "");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("captions")).isEqualTo(2);
    }

    @Test
    void badInputIsOneLine() throws IOException {
        String out = folder.resolve("encoder").toString();
        refused(run("--out", out), "must have a caption");
        Path wrong = Files.writeString(folder.resolve("wrong.txt"), "red: x\ngreen: y\n");
        refused(run("--captions", wrong.toString(), "--out", out), "line 2 must be");
        refused(run("--captions", images.toString(), "--out", out), "must be a file of captions");
        refused(
                CommandRun.of("encoder", "train", "--images", images, "--out", out, "--side", 20, "--json"),
                "side must be a power of two from 16 to 256 pixels; got 20");
        refused(
                run("--captions", captions.toString(), "--mirror", "perhaps", "--out", out),
                "--mirror must be on or off");
        refused(run("--captions", captions.toString(), "--out", images.toString()), "must be another folder");
        assertThat(folder.resolve("encoder")).doesNotExist();
        assertThat(folder.resolve(".encoder.unfinished")).doesNotExist();
    }

    @Test
    void twoTrainingsToOneFolderAreRefused() throws IOException {
        Path out = folder.resolve("taken");
        try (UnfinishedWork other = UnfinishedWork.open(out, false)) {
            refused(
                    run("--captions", captions.toString(), "--out", out.toString()),
                    "another process is already writing to " + out + " (process");
            assertThat(other.folder()).exists();
        }
    }
}
