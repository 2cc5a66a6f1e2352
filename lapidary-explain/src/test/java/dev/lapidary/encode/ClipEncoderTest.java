package dev.lapidary.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.data.Dataset;
import dev.lapidary.image.ImageItems;
import dev.lapidary.onnx.OnnxGraph;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.tolerance.Rounding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embeddings are compared with those that the test calculates from the colours and tokens of tiny models. */
class ClipEncoderTest {
    /** Of embeddings that are at most 1, after some ten operations of float32. */
    private static final float EXACT = (float) Rounding.float32(16, 1);

    private static final int RED = 0xff2010;
    private static final int GREEN = 0x00f040;
    private static final int BLUE = 0x1000ff;

    @TempDir
    private Path place;

    private Path drawings() throws IOException {
        Path folder = place.resolve("pictures");
        TinyClip.draw(folder.resolve("blue/1.png"), BLUE, 9, 5);
        TinyClip.draw(folder.resolve("green/1.png"), GREEN, 4, 4);
        TinyClip.draw(folder.resolve("red/1.png"), RED, 5, 30);
        return folder;
    }

    @Test
    void imagesAndTextsLieInOneSpace() throws IOException {
        try (ClipEncoder encoder = ClipEncoder.open(TinyClip.clip(place.resolve("clip")));
                ImageItems items = ImageItems.open(drawings());
                EncodedImages images = encoder.encode(items, Progress.silent());
                EncodedTexts texts = encoder.encode(List.of("red", "a photo green"), Progress.silent())) {
            assertThat(encoder.width()).isEqualTo(4);
            assertThat(encoder.maxTokens()).isEqualTo(6);
            assertThat(images.embeddings().row(0)).containsExactly(TinyClip.ofColour(BLUE), within(EXACT));
            assertThat(images.embeddings().row(1)).containsExactly(TinyClip.ofColour(GREEN), within(EXACT));
            assertThat(images.embeddings().row(2)).containsExactly(TinyClip.ofColour(RED), within(EXACT));
            assertThat(texts.embeddings().row(0)).containsExactly(TinyClip.ofTokens(0, 3, 1), within(EXACT));
            assertThat(texts.embeddings().row(1)).containsExactly(TinyClip.ofTokens(0, 6, 7, 4, 1), within(EXACT));
            assertThat(images.report().skipped()).isEmpty();
        }
    }

    @Test
    void textsOfSiglipArePaddedToTheirLength() throws IOException {
        Path folder = TinyClip.siglip(place.resolve("siglip"));
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                EncodedTexts texts = encoder.encode(List.of("red", "a a a a a a"), Progress.silent())) {
            assertThat(texts.embeddings().row(0)).containsExactly(TinyClip.ofTokens(0, 3, 1, 1, 1, 1), within(EXACT));
            assertThat(texts.embeddings().row(1)).containsExactly(TinyClip.ofTokens(0, 6, 6, 6, 6, 1), within(EXACT));
            assertThat(texts.truncated()).isEqualTo(1);
            assertThat(texts.tokens()).isEqualTo(3 + 6);
        }
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "siglip", "text_config": {"max_position_embeddings": 6, "pad_token_id": 2}}
                """);
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                EncodedTexts texts = encoder.encode(List.of("red"), Progress.silent())) {
            assertThat(texts.embeddings().row(0)).containsExactly(TinyClip.ofTokens(0, 3, 1, 2, 2, 2), within(EXACT));
        }
    }

    @Test
    void modelsOfOneLengthAndOneItemArePaddedAndMasked() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"[U]\"}}");
        TinyClip.text("text_embeds", 1, 6, true).write(folder.resolve("onnx/text_model.onnx"));
        TinyClip.vision("image_embeds", 1, 4).write(folder.resolve("onnx/vision_model.onnx"));
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                ImageItems items = ImageItems.open(drawings());
                EncodedImages images = encoder.encode(items, Progress.silent());
                EncodedTexts texts = encoder.encode(List.of("red", "blue"), Progress.silent())) {
            assertThat(texts.embeddings().row(0)).containsExactly(TinyClip.ofTokens(0, 3, 1), within(EXACT));
            assertThat(texts.embeddings().row(1)).containsExactly(TinyClip.ofTokens(0, 5, 1), within(EXACT));
            assertThat(images.embeddings().row(2)).containsExactly(TinyClip.ofColour(RED), within(EXACT));
        }
        TinyClip.text("text_embeds", 1, 6, false).write(folder.resolve("onnx/text_model.onnx")); // shows the padding
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                EncodedTexts texts = encoder.encode(List.of("red"), Progress.silent())) {
            assertThat(texts.embeddings().row(0)).containsExactly(TinyClip.ofTokens(0, 3, 1, 2, 2, 2), within(EXACT));
        }
        Files.delete(folder.resolve("special_tokens_map.json"));
        try (ClipEncoder encoder = ClipEncoder.open(folder)) {
            assertThatThrownBy(() -> encoder.encode(List.of("red"), Progress.silent()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must name a pad_token");
        }
    }

    @Test
    void skippedImagesAreReportedAndEqualFilesAreEqual() throws IOException {
        Path folder = drawings();
        Files.write(folder.resolve("red/0.png"), new byte[0]);
        Files.write(folder.resolve("red/cut.png"), Arrays.copyOf(Files.readAllBytes(folder.resolve("red/1.png")), 60));
        Files.writeString(folder.resolve("red/text.jpg"), "not a picture", StandardCharsets.UTF_8);
        Files.copy(folder.resolve("blue/1.png"), folder.resolve("red/copy.png"));
        try (ClipEncoder encoder = ClipEncoder.open(TinyClip.clip(place.resolve("clip")));
                ImageItems items = ImageItems.open(folder);
                EncodedImages images = encoder.encode(items, Progress.silent());
                Dataset data = images.labelled()) {
            assertThat(images.report().skipped())
                    .extracting(skipped -> skipped.name())
                    .containsExactly("red/0.png", "red/cut.png", "red/text.jpg");
            assertThat(data.size()).isEqualTo(4);
            assertThat(data.id(3)).isEqualTo("red/copy.png");
            assertThat(data.classes()).containsExactly("blue", "green", "red");
            assertThat(data.classCounts()).containsExactly(1, 1, 2);
            assertThat(data.contentHash(3)).isEqualTo(data.contentHash(0)).isNotEqualTo(data.contentHash(1));
            assertThat(data.warnings())
                    .containsExactly("3 images skipped, first red/0.png: must be a JPEG, PNG or WebP file; got an empty"
                            + " file");
        }
    }

    @Test
    void itemsWithoutLabelsAreLeftOutOrRefused() throws IOException {
        Path folder = drawings();
        Path table = folder.resolve("list.csv");
        Files.writeString(table, "path,label\nred/1.png,warm\nblue/1.png,cold\ngreen/1.png,\nred/1.png,warm\n");
        Path bare = Files.writeString(folder.resolve("bare.csv"), "path\nred/1.png\nblue/1.png\n");
        try (ClipEncoder encoder = ClipEncoder.open(TinyClip.clip(place.resolve("clip")));
                ImageItems items = ImageItems.open(table);
                EncodedImages images = encoder.encode(items, Progress.silent());
                Dataset data = images.labelled();
                ImageItems others = ImageItems.open(bare);
                EncodedImages unlabelled = encoder.encode(others, Progress.silent());
                Dataset plain = unlabelled.unlabelled()) {
            assertThat(data.warnings())
                    .containsExactly(
                            "1 of 4 images have no label and are left out",
                            "some images are named more than once; items are numbered from 1 instead");
            assertThat(data.id(2)).isEqualTo("3");
            assertThat(plain.id(1)).isEqualTo("blue/1.png");
            assertThat(plain.labelled()).isFalse();
            assertThatThrownBy(unlabelled::labelled)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("images must have labels");
        }
    }

    @Test
    void logitsAreScaledAsTheFolderSays() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        assertThat(scale(folder)).isEqualTo(new LogitScale(Math.exp(3.0), 0));

        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"clip\", \"logit_scale_init_value\": 2.6}");
        LogitScale published = scale(folder);
        assertThat(published.scale()).isEqualTo(100);
        assertThat(published.remark().orElseThrow()).startsWith("clip does not tell its scale of logits");

        TinyClip.joint(37.5f, 0).write(folder.resolve("onnx/model.onnx"));
        LogitScale measured = scale(folder);
        assertThat(measured.scale()).isCloseTo(37.5, within(1e-3));
        assertThat(measured.bias()).isZero();
        assertThat(measured.remark()).isEmpty();

        TinyClip.vision("image_embeds", "b", 4).write(folder.resolve("onnx/model.onnx"));
        assertThatThrownBy(() -> scale(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.onnx: must give logits_per_image of pixel_values and input_ids; got");

        Path siglip = TinyClip.siglip(place.resolve("siglip"));
        assertThat(scale(siglip).logit(0.5)).isEqualTo(10 * 0.5 - 10);
        TinyClip.joint(117.25f, -12.5f).write(siglip.resolve("onnx/model.onnx"));
        LogitScale line = scale(siglip);
        assertThat(line.scale()).isCloseTo(117.25, within(1e-2));
        assertThat(line.bias()).isCloseTo(-12.5, within(1e-2));

        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"clip\", \"logit_scale\": 1e9}");
        assertThatThrownBy(() -> scale(folder))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("logit_scale must be from -20.0 to 20.0; got");
    }

    private static LogitScale scale(Path folder) {
        try (ClipEncoder encoder = ClipEncoder.open(folder)) {
            return encoder.logitScale();
        }
    }

    @Test
    void templatesAreTheFoldersOrThatOfPhotographs() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        assertThat(templates(folder)).containsExactly("a photo of a {}.");
        config(folder, "\"prompt_templates\": [\"{}\", \"a drawing of {}\"]");
        assertThat(templates(folder)).containsExactly("{}", "a drawing of {}");
        config(folder, "\"prompt_templates\": [\"a drawing\"]");
        refused(folder, "config.json: prompt_templates: a prompt template must have {} in the name's place");
    }

    private static List<String> templates(Path folder) {
        try (ClipEncoder encoder = ClipEncoder.open(folder)) {
            return encoder.promptTemplates();
        }
    }

    private static void config(Path folder, String more) throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"clip\", " + more + "}");
    }

    private static void refused(Path folder, String... parts) {
        assertThatThrownBy(() -> ClipEncoder.open(folder).close())
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void whatDoesNotFitIsOneLine() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        assertThat(ClipEncoder.isAt(folder)).isTrue();

        config(folder, "\"vision_config\": {\"image_size\": 224}");
        refused(folder, "must get the size that config.json names, 224 x 224 pixels; got 4 x 4");
        config(folder, "\"projection_dim\": 4");
        TinyClip.vision("image_embeds", "b", 5).write(folder.resolve("onnx/vision_model.onnx"));
        refused(folder, "preprocessor_config.json: images must get the side", "5 pixels; got 4");
        TinyClip.vision("pooled", "b", 4).write(folder.resolve("onnx/vision_model.onnx"));
        refused(folder, "vision_model.onnx: outputs must be float32 image_embeds [images, width]; got [", "pooled");
        TinyClip.text("image_embeds", "b", "l", false).write(folder.resolve("onnx/vision_model.onnx"));
        refused(folder, "vision_model.onnx: the only input must be float32 pixel_values", "input_ids");

        TinyClip.clip(folder);
        TinyClip.text("text_embeds", "b", 7, true).write(folder.resolve("onnx/text_model.onnx"));
        refused(folder, "text_model.onnx: input_ids must take", "or of the 6 that its settings name; got 7");
        TinyClip.text("pooler_output", "b", "l", false).write(folder.resolve("onnx/text_model.onnx"));
        refused(folder, "text_model.onnx: outputs must be float32 text_embeds [b, d]; got [");
        Files.writeString(folder.resolve("onnx/text_model.onnx"), "no model");
        refused(folder, "text_model.onnx: must be a model that ONNX Runtime opens; got");

        TinyClip.clip(folder);
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"siglip2\"}");
        refused(folder, "config.json: model_type must be clip or siglip; got siglip2");
        TinyClip.clip(folder);
        Files.writeString(folder.resolve("preprocessor_config.json"), """
                {"image_processor_type": "CLIPImageProcessor", "do_center_crop": false}
                """);
        refused(folder, "all images must get one size");
        Files.delete(folder.resolve("preprocessor_config.json"));
        Files.delete(folder.resolve("onnx/text_model.onnx"));
        refused(folder, "got a folder without onnx/text_model.onnx and preprocessor_config.json");
        refused(place.resolve("none"), "got nothing at this path");
    }

    @Test
    void widthsThatNetworksDoNotTellAreThoseOfTheConfiguration() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        TinyClip.visionOfUnknownWidth("image_embeds").write(folder.resolve("onnx/vision_model.onnx"));
        try (ClipEncoder encoder = ClipEncoder.open(folder);
                ImageItems items = ImageItems.open(drawings());
                EncodedImages images = encoder.encode(items, Progress.silent())) {
            assertThat(images.embeddings().row(2)).containsExactly(TinyClip.ofColour(RED), within(EXACT));
        }
        config(folder, "\"projection_dim\": 9");
        refused(folder, "must have one width; got 9 and 4");
        config(folder, "\"hidden_size\": 9");
        refused(folder, "must have one width; got 512 and 4"); // as in transformers
    }

    @Test
    void widthsOfBothSidesMustAgree() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        config(folder, "\"projection_dim\": 4");
        new OnnxGraph("narrow")
                .input("input_ids", OnnxGraph.Element.INT64, "b", "l")
                .constant("table", new float[24], 8, 3)
                .node("Gather", List.of("table", "input_ids"), "rows")
                .node(
                        "ReduceMax",
                        List.of("rows"),
                        "text_embeds",
                        OnnxGraph.numbers("axes", 1),
                        OnnxGraph.number("keepdims", 0))
                .output("text_embeds", "b", 3)
                .write(folder.resolve("onnx/text_model.onnx"));
        refused(folder, "embeddings of images and texts must have one width; got 4 and 3");
    }

    @Test
    void digestsTellSidesApart() throws IOException {
        Path folder = TinyClip.clip(place.resolve("clip"));
        List<String> first = digests(folder);
        TinyClip.text("text_embeds", "b", "l", true).write(folder.resolve("onnx/text_model.onnx"));
        List<String> otherText = digests(folder);
        assertThat(otherText.get(0)).isNotEqualTo(first.get(0));
        assertThat(otherText.get(1)).isEqualTo(first.get(1)).matches("[0-9a-f]{64}");
        Path preprocessor = folder.resolve("preprocessor_config.json");
        Files.writeString(preprocessor, Files.readString(preprocessor).replace("[1, 1, 1]", "[2, 1, 1]"));
        List<String> otherPixels = digests(folder);
        assertThat(otherPixels.get(0)).isNotEqualTo(otherText.get(0));
        assertThat(otherPixels.get(1)).isNotEqualTo(first.get(1));
    }

    private static List<String> digests(Path folder) {
        try (ClipEncoder encoder = ClipEncoder.open(folder)) {
            return List.of(encoder.digest(), encoder.imageDigest());
        }
    }
}
