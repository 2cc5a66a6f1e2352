package dev.lapidary.language;

import dev.lapidary.runtime.artifact.ArtifactKind;

/** A folder of {@link CompressedCheckpoint}. */
public final class CompressedModelArtifact implements ArtifactKind {
    @Override
    public String format() {
        return CompressedCheckpoint.FORMAT;
    }

    @Override
    public String title() {
        return "a compressed language model";
    }

    @Override
    public boolean owns(String file) {
        return file.equals(CompressedCheckpoint.TENSORS) || file.equals(ConfigJson.FILE) || TokenizerFiles.isOne(file);
    }
}
