package dev.lapidary.runtime.artifact;

/** A kind that only the tests know: this class and a line in META-INF/services are all that it takes. */
public final class NotesArtifact implements ArtifactKind {
    @Override
    public String format() {
        return "test-notes";
    }

    @Override
    public String title() {
        return "a set of notes";
    }

    @Override
    public boolean owns(String file) {
        return file.matches("notes/\\d+\\.txt");
    }
}
