package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.contrast.TrainedEncoders;
import dev.lapidary.language.TrainedModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskedCheckpoint;
import dev.lapidary.synthetic.scene.SceneFolder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the folders hold that commands write, told by the format that their {@value AtomicFiles#MARKER} names. */
enum FolderKind {
    /** Of {@code concepts train}. */
    CLASSIFIER(ConceptClassifier.FORMAT, "a concept classifier", Names.CLASSIFIER),
    /** Of {@code demo}: a classifier with what it was trained on. */
    CLASSIFIER_DEMO(
            ConceptClassifier.FORMAT, "a concept classifier", Names.CLASSIFIER + "|city-requests\\.csv|concepts\\.txt"),
    /** Of {@code lm train}. */
    LANGUAGE_MODEL(TrainedModel.FORMAT, "a language model", Names.CHECKPOINT),
    /** Of {@code mask apply}. */
    MASKED_MODEL(MaskedCheckpoint.FORMAT, "a masked language model", Names.CHECKPOINT),
    /** Of the other commands of {@code mask}. */
    MASK(MaskFolder.FORMAT, "a mask", Names.MASK),
    /** Of {@code images scenes}, which also goes on with one that was stopped. */
    SCENES(
            SceneFolder.FORMAT,
            "a set of scenes",
            "images/\\d{6,7}\\.png|scenes\\.csv|concepts\\.(csv|txt)|(images/)?\\.[\\w.]+\\.[0-9a-f-]+\\.tmp"),
    /** Of {@code encoder train} and {@code encoder adapt}. */
    DUAL_ENCODER(
            TrainedEncoders.FORMAT,
            "a pair of encoders",
            "onnx/(text|vision)_model\\.onnx|tokenizer\\.json|(preprocessor_)?config\\.json|training_images\\.txt|"
                    + "metrics\\.jsonl"),
    /** Of {@code demo mask}. */
    MASK_DEMO(
            DemoMaskCommand.FORMAT,
            "a demo of masks",
            "definitions\\.txt|model/(" + Names.CHECKPOINT + ")|mask/(" + Names.MASK
                    + ")|(model|mask)/lapidary\\.json|\\.(model|mask)\\.unfinished/.*");

    /** Expressions of file names. */
    private static final class Names {
        private static final String CLASSIFIER =
                "model\\.safetensors|(ledger|metrics|splits|encoding|calibration)\\.json|nec-curve\\.svg";
        private static final String CHECKPOINT =
                "config\\.json|model(-\\d+-of-\\d+)?\\.safetensors|model\\.safetensors\\.index\\.json|metrics\\.jsonl|"
                        + "tokenizer\\.(json|model)|(tokenizer|generation)_config\\.json|special_tokens_map\\.json|"
                        + "added_tokens\\.json|chat_template\\.jinja|vocab\\.json|merges\\.txt";
        private static final String MASK = "mask\\.safetensors|metrics\\.jsonl|report\\.json";

        private Names() {}
    }

    private static final long LARGEST_MARKER = 64L << 20; // bytes

    private final String format;
    private final String text;
    private final Pattern files;

    /** A kind whose folders hold the marker and files whose paths in the folder match an expression. */
    FolderKind(String format, String text, String files) {
        this.format = format;
        this.text = text;
        this.files = Pattern.compile(files);
    }

    /** Refuses a folder with a marker that holds something else, or besides files that no command writes there. */
    void requireIn(Path folder) {
        JsonNode named = format(folder);
        if (!isNamedBy(named)) {
            throw new InputException(folder + ": must be new, empty or " + this
                    + ", which is what would replace it; got " + describe(named));
        }
        foreignFile(folder).ifPresent(file -> {
            throw new InputException(folder + ": must be new, empty or " + this
                    + " alone, since all that is in it would be replaced; got one with " + file);
        });
    }

    private Optional<Path> foreignFile(Path folder) {
        try {
            return foreignFileIn(folder.toRealPath()); // a walk does not enter a link
        } catch (IOException failure) {
            throw new UncheckedIOException(folder + " cannot be read", failure);
        }
    }

    private Optional<Path> foreignFileIn(Path real) throws IOException {
        try (Stream<Path> entries = Files.walk(real)) {
            return entries.filter(entry -> !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .map(real::relativize)
                    .filter(file -> !isOurs(file.toString().replace(File.separatorChar, '/')))
                    .findFirst();
        }
    }

    private boolean isOurs(String file) {
        return file.equals(AtomicFiles.MARKER) || files.matcher(file).matches();
    }

    private boolean isNamedBy(JsonNode named) {
        return named.isString() && format.equals(named.asString());
    }

    private static String describe(JsonNode named) {
        return Stream.of(values())
                .filter(kind -> kind.isNamedBy(named))
                .map(FolderKind::toString)
                .findFirst()
                .orElseGet(() -> "a folder whose " + AtomicFiles.MARKER + " names "
                        + (named.isMissingNode() ? "no format" : "the format " + named));
    }

    private static JsonNode format(Path folder) {
        Path marker = folder.resolve(AtomicFiles.MARKER);
        JsonNode none = JsonMapper.shared().missingNode();
        try {
            if (Files.size(marker) > LARGEST_MARKER) {
                return none;
            }
            return JsonMapper.shared().readTree(Files.readAllBytes(marker)).path("format");
        } catch (JacksonException malformed) {
            return none;
        } catch (IOException failure) {
            throw new UncheckedIOException(marker + " cannot be read", failure);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
