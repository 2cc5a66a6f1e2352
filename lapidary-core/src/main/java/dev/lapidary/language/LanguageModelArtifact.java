package dev.lapidary.language;

import dev.lapidary.runtime.artifact.ArtifactKind;
import java.util.regex.Pattern;

/** A folder of {@link TrainedModel}: a checkpoint in the layout of Hugging Face. */
public final class LanguageModelArtifact implements ArtifactKind {
    private static final Pattern WEIGHTS = Pattern.compile(
            "config\\.json|model(-\\d+-of-\\d+)?\\.safetensors|model\\.safetensors\\.index\\.json|metrics\\.jsonl");

    @Override
    public String format() {
        return TrainedModel.FORMAT;
    }

    @Override
    public String title() {
        return "a language model";
    }

    @Override
    public boolean owns(String file) {
        return isCheckpointFile(file);
    }

    /** Whether a file is one of a checkpoint in the layout of Hugging Face, its tokenizer and its training's metrics included. */
    public static boolean isCheckpointFile(String file) {
        return WEIGHTS.matcher(file).matches() || TokenizerFiles.isOne(file);
    }
}
