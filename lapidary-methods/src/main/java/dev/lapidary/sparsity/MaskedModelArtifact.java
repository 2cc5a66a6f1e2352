package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModelArtifact;
import dev.lapidary.runtime.artifact.ArtifactKind;

/** A folder of {@link MaskedCheckpoint}: a checkpoint in the layout of Hugging Face. */
public final class MaskedModelArtifact implements ArtifactKind {
    @Override
    public String format() {
        return MaskedCheckpoint.FORMAT;
    }

    @Override
    public String title() {
        return "a masked language model";
    }

    @Override
    public boolean owns(String file) {
        return LanguageModelArtifact.isCheckpointFile(file);
    }
}
