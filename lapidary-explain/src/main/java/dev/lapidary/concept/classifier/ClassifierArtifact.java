package dev.lapidary.concept.classifier;

import dev.lapidary.runtime.artifact.ArtifactKind;

/** A folder of {@link ConceptClassifier}. */
public final class ClassifierArtifact implements ArtifactKind {
    @Override
    public String format() {
        return ConceptClassifier.FORMAT;
    }

    @Override
    public String title() {
        return "a concept classifier";
    }

    @Override
    public boolean owns(String file) {
        return ClassifierFolder.isOwn(file);
    }
}
