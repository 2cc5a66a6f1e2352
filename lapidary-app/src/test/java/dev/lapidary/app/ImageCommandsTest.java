package dev.lapidary.app;

import static dev.lapidary.app.CommandRun.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs the commands of concepts on pictures that are drawn here, with an encoder that knows colours. */
class ImageCommandsTest {
    @TempDir
    private static Path folder;

    private static Path pictures;
    private static Path encoder;
    private static Path concepts;
    private static Path model;
    private static CommandRun trained;

    @BeforeAll
    static void train() throws IOException {
        encoder = SmallClip.write(folder.resolve("clip"));
        pictures = SmallClip.drawClasses(folder.resolve("pictures"), 12);
        concepts = SmallClip.writeConcepts(folder.resolve("concepts.txt"));
        Files.createFile(pictures.resolve("fire/empty.png"));
        Files.writeString(pictures.resolve("sea/text.jpg"), "the sea");
        Files.copy(pictures.resolve("sea/3.png"), pictures.resolve("sea/copy.png"));
        model = folder.resolve("model");
        trained = onPictures("train", "--out", model);
    }

    /** Runs a command that trains or searches on the pictures. */
    private static CommandRun onPictures(String command, Object... more) {
        List<Object> words = new ArrayList<>(List.of("concepts", command, "--images", pictures, "--encoder", encoder));
        words.addAll(List.of("--concepts", concepts, "--class-cutoff", 2, "--duplicate-cutoff", 2));
        if (command.equals("train")) {
            words.addAll(List.of("--seeds", 1, "--nec", 3));
        }
        words.addAll(List.of(more));
        words.add("--json");
        return CommandRun.of(words.toArray());
    }

    private static CommandRun withModel(String command, Object... more) {
        List<Object> words = new ArrayList<>(List.of("concepts", command, "--model", model, "--encoder", encoder));
        words.addAll(List.of(more));
        words.add("--json");
        return CommandRun.of(words.toArray());
    }

    @Test
    void trainLearnsFromPicturesAndNamesWhatItSkipped() throws IOException {
        assertThat(trained.status()).as(trained.err()).isZero();
        assertThat(trained.number("accuracy")).isGreaterThan(0.8);
        assertThat(trained.number("concepts")).isEqualTo(6);
        assertThat(trained.json("baselines").propertyNames()).contains("zero-shot", "random-words");
        assertThat(trained.json("skipped").size()).isEqualTo(2);
        assertThat(trained.json("skipped").get(0).path("name").stringValue()).isEqualTo("fire/empty.png");
        assertThat(trained.json("skipped").get(1).path("reason").stringValue())
                .isEqualTo("sea/text.jpg: must be a JPEG, PNG or WebP file; got one that begins with 'the sea'");
        assertThat(trained.json("warnings").toString())
                .contains("2 images skipped, first fire/empty.png")
                .contains("2 items share their content with another")
                .contains("sea/3.png = sea/copy.png")
                .doesNotContain("embeddings are taken");
        assertThat(trained.err())
                .contains("training sparse on 37 images in 3 classes", "names are embedded as \"a photo of a {}.\"");
        assertThat(Files.readString(model.resolve("encoding.json"))).contains("\"a photo of a {}.\"", "true");
    }

    @Test
    void predictTakesPicturesWithAndWithoutClasses() throws IOException {
        Path loose = Files.createDirectory(folder.resolve("loose"));
        SmallClip.draw(loose.resolve("b.png"), 0x104fd8);
        SmallClip.draw(loose.resolve("r.png"), 0xdf3018);
        byte[] whole = Files.readAllBytes(loose.resolve("b.png"));
        Files.write(loose.resolve("cut.png"), Arrays.copyOf(whole, whole.length - 30));

        CommandRun run = withModel("predict", "--images", loose);

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode predictions = run.json("predictions");
        assertThat(predictions.size()).isEqualTo(2);
        assertThat(predictions.get(0).path("id").stringValue()).isEqualTo("b.png");
        assertThat(predictions.get(0).path("class").stringValue()).isEqualTo("sea");
        assertThat(predictions.get(1).path("class").stringValue()).isEqualTo("fire");
        assertThat(run.json("skipped").get(0).path("name").stringValue()).isEqualTo("cut.png");
        assertThat(run.err()).contains("warning: 1 image skipped, first cut.png");

        JsonNode one = withModel("predict", "--image", loose.resolve("r.png"))
                .json("predictions")
                .get(0);
        JsonNode among = predictions.get(1);
        assertThat(one.path("id")).isEqualTo(among.path("id"));
        assertThat(one.path("class")).isEqualTo(among.path("class"));
        // float32 embeddings of another batch differ in their last bits
        assertThat(one.path("probability").doubleValue())
                .isCloseTo(among.path("probability").doubleValue(), within(1e-5));
    }

    @Test
    void evaluateAndSearchJudgePictures() throws IOException {
        Path later = SmallClip.drawClasses(folder.resolve("later"), 2);
        CommandRun judged = withModel("evaluate", "--images", later);
        assertThat(judged.status()).as(judged.err()).isZero();
        assertThat(judged.number("examples")).isEqualTo(6);
        assertThat(judged.number("accuracy")).isEqualTo(1);
        assertThat(judged.json("skipped").size()).isZero();
        assertThat(withModel("evaluate", "--images", pictures).json("warnings").toString())
                .contains("items are ones that the model learned from");

        CommandRun searched = onPictures("search");
        assertThat(searched.status()).as(searched.err()).isZero();
        assertThat(searched.json("zeroShot").path("accuracy").doubleValue()).isGreaterThan(0.8);
        assertThat(searched.json("skipped").size()).isEqualTo(2);
    }

    /** Truth is a picture's class for crimson, lime and azure; for olive it is a coin that the pictures do not show. */
    @Test
    void conceptsAreJudgedByTrueLabels() throws IOException {
        Path judged = SmallClip.drawClasses(folder.resolve("judged"), 12);
        List<String> rows = new ArrayList<>(List.of("path,crimson,lime,azure,olive,unheard"));
        for (int i = 0; i < 36; i++) {
            int kind = i / 12;
            rows.add("%s/%d.png,%d,%d,%d,%d,1"
                    .formatted(
                            SmallClip.CLASSES.get(kind),
                            i % 12,
                            kind == 0 ? 1 : 0,
                            kind == 1 ? 1 : 0,
                            kind == 2 ? 1 : 0,
                            (i * 7 % 5) % 2));
        }
        Path labels = Files.write(folder.resolve("labels.csv"), rows);

        CommandRun byModel = withModel("evaluate", "--images", judged, "--concept-labels", labels);
        assertThat(byModel.status()).as(byModel.err()).isZero();
        assertThat(byModel.number("accuracy")).isGreaterThan(0.9);
        assertThat(accuracy(byModel, "crimson")).isEqualTo(1);
        assertThat(accuracy(byModel, "lime")).isEqualTo(1);
        assertThat(accuracy(byModel, "olive")).isBetween(0.2, 0.8);
        assertThat(byModel.json("conceptFigures").toString())
                .as("only concepts of both the classifier and the table")
                .doesNotContain("unheard", "navy");
        assertThat(byModel.number("conceptAccuracy")).isBetween(0.75, 1.0);
        assertThat(byModel.number("conceptShuffled")).isLessThan(0.75);

        CommandRun byEncoder = CommandRun.of(
                "encoder", "evaluate", "--encoder", encoder, "--images", judged, "--concept-labels", labels, "--json");
        assertThat(byEncoder.status()).as(byEncoder.err()).isZero();
        assertThat(byEncoder.number("examples")).isEqualTo(36);
        assertThat(byEncoder.number("zeroShot")).isGreaterThan(0.9);
        assertThat(accuracy(byEncoder, "azure")).isEqualTo(1);
        assertThat(byEncoder.json("conceptFigures").toString()).contains("unheard");

        Path other = Files.writeString(folder.resolve("other.csv"), "path,unheard\nfire/1.png,1\n");
        refused(
                withModel("evaluate", "--images", judged, "--concept-labels", other),
                "at least 2 images and a concept must have labels; got 36 images, and columns for 0 of the concepts");
    }

    private static double accuracy(CommandRun run, String concept) {
        for (JsonNode figure : run.json("conceptFigures")) {
            if (figure.path("name").stringValue().equals(concept)) {
                return figure.path("balancedAccuracy").doubleValue();
            }
        }
        throw new AssertionError("no figures of " + concept);
    }

    /** The report is on the given part alone, and its pictures may not lie in the training. */
    @Test
    void trainReportsOnAPartOfItsOwn() throws IOException {
        Path apart = SmallClip.drawClasses(folder.resolve("apart"), 3);
        CommandRun run = onPictures("train", "--test", apart, "--out", folder.resolve("with-test"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("examples")).isEqualTo(9);
    }

    @Test
    void explainAndInterveneLookAtOnePicture() throws IOException {
        Path file = SmallClip.draw(folder.resolve("one.png"), 0x42c424);
        CommandRun explained = withModel("explain", "--image", file);
        assertThat(explained.status()).as(explained.err()).isZero();
        assertThat(explained.json("id").stringValue()).isEqualTo("one.png");
        assertThat(explained.json("predicted").stringValue()).isEqualTo("grass");
        assertThat(explained.json().has("text")).isFalse();
        assertThat(withModel("explain", "--images", pictures, "--id", "fire/2.png")
                        .json("predicted")
                        .stringValue())
                .isEqualTo("fire");
        assertThat(withModel("explain", "--images", pictures).json("summary").isObject())
                .isTrue();
        assertThat(withModel("explain", "--images", pictures, "--audit")
                        .json("names")
                        .isObject())
                .isTrue();

        CommandRun changed = withModel("intervene", "--image", file, "--drop", "lime", "--images", pictures);
        assertThat(changed.status()).as(changed.err()).isZero();
        assertThat(changed.json("item").path("before").stringValue()).isEqualTo("grass");
        assertThat(changed.json("changes").path("labelled").intValue()).isEqualTo(37);
        assertThat(changed.json("skipped").size()).isEqualTo(2);
    }

    @Test
    void templatesOfTheUserAreRemembered() throws IOException {
        Path bare = folder.resolve("bare");
        CommandRun run = onPictures("train", "--prompt", "{}", "--out", bare);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("names are embedded as");
        assertThat(Files.readString(bare.resolve("encoding.json"))).doesNotContain("photo");
        CommandRun two = onPictures("search", "--prompt", "a {}", "--prompt", "the {} one");
        assertThat(two.err()).contains("names are embedded as \"a {}\", \"the {} one\"");
        refused(onPictures("train", "--prompt", "a photo"), "must have {} in the name's place", "got a photo");
        OutputFolderTest.assertReplaceable(bare, "none.csv", "concepts", "train", "--data", "none.csv", "--out");
    }

    @Test
    void textsGoThroughTheTextSide() throws IOException {
        List<String> lines = new ArrayList<>(List.of("text,label"));
        for (int i = 0; i < 10; i++) {
            lines.add("crimson orange" + " more".repeat(i) + ",fire");
            lines.add("azure navy" + " more".repeat(i) + ",sea");
        }
        Path texts = Files.write(folder.resolve("texts.csv"), lines);
        Path ofTexts = folder.resolve("of-texts");
        List<Object> words = new ArrayList<>(List.of("concepts", "train", "--data", texts, "--encoder", encoder));
        words.addAll(List.of("--concepts", concepts, "--class-cutoff", 2, "--duplicate-cutoff", 2, "--seeds", 1));
        words.addAll(List.of("--out", ofTexts, "--json"));
        CommandRun run = CommandRun.of(words.toArray());
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("accuracy")).isGreaterThan(0.8);
        assertThat(run.json().has("skipped")).isFalse();
        assertThat(ofTexts.resolve("encoding.json")).doesNotExist();
        refused(
                CommandRun.of(
                        "concepts",
                        "predict",
                        "--model",
                        ofTexts,
                        "--images",
                        pictures,
                        "--encoder",
                        encoder,
                        "--json"),
                "items must be texts or embeddings, as those of the training were; got images");
        refused(withModel("predict", "--input", "crimson"), "items must be images (--images PATH or --image FILE)");
    }

    @Test
    void whatIsMissingOrContradictsIsOneLine() throws IOException {
        refused(
                CommandRun.of("concepts", "train", "--images", pictures, "--json"),
                "images must come with --encoder DIR of an image encoder");
        refused(
                CommandRun.of("concepts", "predict", "--model", model, "--images", pictures, "--json"),
                "images must come with --encoder DIR");
        refused(onPictures("train", "--data", "x.csv"), "by either --data or --images; got both");
        refused(onPictures("train", "--labels", "x.txt"), "must come with --data; got --images");
        Path half = SmallClip.write(folder.resolve("half"));
        Files.delete(half.resolve("onnx/text_model.onnx"));
        refused(
                CommandRun.of("concepts", "search", "--images", pictures, "--encoder", half, "--json"),
                "half: an image encoder must have",
                "got a folder without onnx/text_model.onnx");
        Path other = SmallClip.write(folder.resolve("other"));
        Path settings = other.resolve("preprocessor_config.json");
        Files.writeString(settings, Files.readString(settings).replace("[1, 1, 1]", "[1, 1, 2]"));
        refused(
                CommandRun.of(
                        "concepts", "evaluate", "--model", model, "--images", pictures, "--encoder", other, "--json"),
                "the encoder must be the one of the training, clip");
        refused(
                withModel("explain", "--image", pictures.resolve("fire/empty.png")),
                "empty.png: must be a JPEG",
                "empty");
        refused(withModel("explain", "--image", folder.resolve("none.png")), "none.png: must be an image; got nothing");
        refused(withModel("explain", "--image", "a.png", "--input", "x"), "--id, --input and --image; got several");
    }

    @Test
    void foldersWithoutAChoiceAreOneLine() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        refused(trainOn(empty), "empty: must hold images; got none");
        SmallClip.draw(empty.resolve("fire/1.png"), 0xff0000);
        refused(trainOn(empty), "images must be of at least two classes; got only 'fire'");
        Path table = Files.writeString(pictures.resolve("list.csv"), "path\nfire/1.png\nsea/1.png\n");
        refused(trainOn(table), "list.csv: images must have labels, by one folder per class or a column label");
        Files.delete(table);
    }

    private static CommandRun trainOn(Path images) {
        return CommandRun.of("concepts", "train", "--images", images, "--encoder", encoder, "--json");
    }

    @Test
    void conceptsAreProposedByNamesAlone() {
        refused(
                CommandRun.of(
                        "concepts",
                        "train",
                        "--images",
                        pictures,
                        "--encoder",
                        encoder,
                        "--propose",
                        "corpus",
                        "--json"),
                "corpus must have the texts of --data; got only class names: give --concepts FILE");
    }
}
