package dev.lapidary.app.command;

import dev.lapidary.concept.classifier.ClassifierArtifact;
import dev.lapidary.runtime.artifact.ArtifactKind;

/** A folder of {@code demo}: a classifier with what it was trained on. It is no service, since its format is the classifier's. */
final class ClassifierDemoArtifact implements ArtifactKind {
    private static final ArtifactKind CLASSIFIER = new ClassifierArtifact();

    @Override
    public String format() {
        return CLASSIFIER.format();
    }

    @Override
    public String title() {
        return CLASSIFIER.title();
    }

    @Override
    public boolean owns(String file) {
        return CLASSIFIER.owns(file) || file.equals(DemoCommand.DATA) || file.equals(DemoCommand.CONCEPTS);
    }
}
