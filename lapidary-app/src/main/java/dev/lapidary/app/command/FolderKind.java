package dev.lapidary.app.command;

import dev.lapidary.concept.bottleneck.ConceptClassifier;
import dev.lapidary.language.TrainedModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.sparsity.MaskFolder;
import dev.lapidary.sparsity.MaskedCheckpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the folders hold that commands write, told by the format that their {@value AtomicFiles#MARKER} names. */
enum FolderKind {
    /** Of {@code concepts train}. */
    CLASSIFIER(ConceptClassifier.FORMAT, "a concept classifier"),
    /** Of {@code lm train}. */
    LANGUAGE_MODEL(TrainedModel.FORMAT, "a language model"),
    /** Of {@code mask apply}. */
    MASKED_MODEL(MaskedCheckpoint.FORMAT, "a masked language model"),
    /** Of the other commands of {@code mask}. */
    MASK(MaskFolder.FORMAT, "a mask"),
    /** Of {@code demo mask}. */
    MASK_DEMO(DemoMaskCommand.FORMAT, "a demo of masks");

    private static final long LARGEST_MARKER = 64L << 20; // bytes

    private final String format;
    private final String text;

    FolderKind(String format, String text) {
        this.format = format;
        this.text = text;
    }

    /** Refuses a folder with a marker that holds something else. */
    void requireIn(Path folder) {
        JsonNode named = format(folder);
        if (!isNamedBy(named)) {
            throw new InputException(folder + ": must be new, empty or " + this
                    + ", which is what would replace it; got " + describe(named));
        }
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
