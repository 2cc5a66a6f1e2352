package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/**
 * Where the parts of an image and text encoder lie that was exported to ONNX in the Hugging Face layout, and what its settings say.
 *
 * @param kind by model_type of config.json
 * @param vision onnx/vision_model.onnx, else vision_model.onnx
 * @param text onnx/text_model.onnx, else text_model.onnx
 * @param joint onnx/model.onnx, else model.onnx, of both sides with logits; often not there
 * @param files with config.json, preprocessor_config.json and tokenizer.json
 */
record ClipFolder(String name, ClipKind kind, Path vision, Path text, Optional<Path> joint, FolderJson files) {
    static final String CONFIG = "config.json";
    private static final String PREPROCESSOR = "preprocessor_config.json";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String VISION = "vision_model.onnx";
    private static final String TEXT = "text_model.onnx";
    private static final List<String> NATURAL = List.of("a photo of a {}.");
    private static final int LARGEST_SIDE = 4096; // pixels

    /** Whether a folder is meant as such an encoder, be it whole or not. */
    static boolean isAt(Path folder) {
        return ModelFolder.onnx(folder, VISION).isPresent()
                || ModelFolder.onnx(folder, TEXT).isPresent()
                || Files.isRegularFile(folder.resolve(PREPROCESSOR));
    }

    /** Checks that the files are there. */
    static ClipFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": an image encoder must be a folder; got "
                    + (Files.exists(folder) ? "a file" : "nothing at this path"));
        }
        List<String> missing = new ArrayList<>();
        for (String name : List.of(VISION, TEXT)) {
            if (ModelFolder.onnx(folder, name).isEmpty()) {
                missing.add("onnx/" + name);
            }
        }
        for (String name : List.of(CONFIG, PREPROCESSOR, TOKENIZER)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                missing.add(name);
            }
        }
        if (!missing.isEmpty()) {
            throw new InputException(folder + ": an image encoder must have onnx/" + VISION + ", onnx/" + TEXT + ", "
                    + CONFIG + ", " + PREPROCESSOR + " and " + TOKENIZER + "; got a folder without "
                    + String.join(" and ", missing));
        }
        FolderJson files = new FolderJson(folder);
        JsonNode type = files.read(CONFIG).orElseThrow().path("model_type");
        return new ClipFolder(
                ModelFolder.name(folder),
                ClipKind.of(folder.resolve(CONFIG), type.isString() ? type.asString() : "none"),
                ModelFolder.onnx(folder, VISION).orElseThrow(),
                ModelFolder.onnx(folder, TEXT).orElseThrow(),
                ModelFolder.onnx(folder, ModelFolder.MODEL),
                files);
    }

    JsonNode config() {
        return files.read(CONFIG).orElseThrow();
    }

    Path configFile() {
        return files.folder().resolve(CONFIG);
    }

    Path preprocessor() {
        return files.folder().resolve(PREPROCESSOR);
    }

    /** The width of embeddings where the networks do not tell it: that of CLIP's projection, or of SigLIP's own layers. */
    int width() {
        JsonNode node = kind == ClipKind.CLIP
                ? config().path("projection_dim")
                : config().path("text_config").path("hidden_size");
        return FolderJson.number(node, ModelFolder.LARGEST_WIDTH).orElse(kind.width());
    }

    /** The side of images that the vision model takes, where config.json names it, in pixels. */
    OptionalInt imageSide() {
        return FolderJson.number(config().path("vision_config").path("image_size"), LARGEST_SIDE);
    }

    /** The text side as an encoder of its own. */
    ModelFolder textSide() {
        Path tokenizer = files.folder().resolve(TOKENIZER);
        int maxTokens = FolderJson.number(
                        config().path("text_config").path("max_position_embeddings"), ModelFolder.LARGEST_TOKENS)
                .orElse(kind.tokens());
        return new ModelFolder(
                name,
                text,
                tokenizer,
                maxTokens,
                new EmbeddingOutput(kind.textOutput(), Optional.empty()),
                true,
                OptionalInt.of(width()),
                Optional.of(new Padding(kind == ClipKind.SIGLIP, () -> new PadToken(this).id())));
    }

    /** Sentences for names: those of config.json, else that of photographs. */
    List<String> promptTemplates() {
        JsonNode named = config().path("prompt_templates");
        if (named.isMissingNode() || named.isNull()) {
            return NATURAL;
        }
        List<String> templates = new ArrayList<>();
        for (JsonNode one : named) {
            templates.add(one.isString() ? one.asString() : one.toString());
        }
        try {
            return PromptEncoder.checked(templates);
        } catch (InputException e) {
            throw InputException.in(configFile() + ": prompt_templates", e);
        }
    }
}
