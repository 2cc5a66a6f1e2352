package dev.lapidary.runtime.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactTest {
    private static final ArtifactKind NOTES = new NotesArtifact();

    @TempDir
    private Path place;

    private Path folder() {
        return place.resolve("notes");
    }

    private void write(String text) throws IOException {
        Artifact.write(folder(), NOTES, temporary -> {
            Path notes = Files.createDirectory(temporary.resolve("notes"));
            Files.writeString(notes.resolve("1.txt"), text);
            Files.writeString(
                    temporary.resolve(AtomicFiles.MARKER),
                    "{\"format\":\"test-notes\",\"files\":{\"notes/1.txt\":\"" + Sha256.of(notes.resolve("1.txt"))
                            + "\"}}");
        });
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    @Test
    void aFolderSaysWhatItIsAndWhatItsFilesWere() throws IOException {
        write("first");

        Artifact opened = Artifact.open(folder());

        assertThat(opened.kind()).isInstanceOf(NotesArtifact.class);
        assertThat(opened.digests()).containsExactly(entry("notes/1.txt", Sha256.of("first")));
        opened.verify();
        assertThat(Artifact.isAt(folder(), NOTES)).isTrue();
        assertThat(Artifact.isAt(place, NOTES)).isFalse();
        Files.writeString(folder().resolve("notes/1.txt"), "other");
        refused(opened::verify, "1.txt: must be as it was written, digest " + Sha256.of("first"));
        Files.delete(folder().resolve("notes/1.txt"));
        refused(opened::verify, "a set of notes must hold notes/1.txt; got none");
    }

    @Test
    void aDigestOfAFileElsewhereIsRefused() throws IOException {
        Path outside = Files.writeString(place.resolve("secret"), "s");
        Files.createDirectory(folder());
        Files.writeString(
                folder().resolve(AtomicFiles.MARKER),
                "{\"format\":\"test-notes\",\"files\":{\"../secret\":\"" + Sha256.of(outside) + "\"}}");

        refused(() -> Artifact.open(folder()).verify(), "lapidary.json: must name only files of a set of notes; got ../secret");
    }

    @Test
    void theSameKindIsReplacedAsAWhole() throws IOException {
        write("first");
        Files.writeString(folder().resolve("notes/2.txt"), "its own");

        write("second");

        assertThat(folder().resolve("notes/1.txt")).hasContent("second");
        assertThat(folder().resolve("notes/2.txt")).doesNotExist();
    }

    @Test
    void whatIsNotItsOwnStays() throws IOException {
        write("first");
        Path mine = Files.writeString(folder().resolve("notes/mine.txt"), "mine");

        refused(() -> write("second"), "or a set of notes alone, since all that is in it would be replaced; got one with ");

        assertThat(mine).hasContent("mine");
        assertThat(folder().resolve("notes/1.txt")).hasContent("first");
    }

    @Test
    void whatComesWhileItIsWrittenStays() throws IOException {
        write("first");

        refused(
                () -> Artifact.write(
                        folder(), NOTES, temporary -> Files.writeString(folder().resolve("mine"), "mine")),
                "got one with mine");

        assertThat(folder().resolve("mine")).hasContent("mine");
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).containsExactly(folder());
        }
    }

    @Test
    void foldersOfOthersAndOfNobodyAreRefused() throws IOException {
        Files.createDirectory(folder());
        Artifact.requireReplaceable(folder(), NOTES);
        Path marker = folder().resolve(AtomicFiles.MARKER);
        Files.writeString(marker, "{\"format\":\"other\"}");
        refused(() -> write("x"), "or a set of notes, which is what would replace it; got a folder whose "
                + "lapidary.json names the format other");
        refused(() -> Artifact.open(folder()), "must be a folder that Lapidary wrote; got a folder whose ");
        Files.writeString(marker, "[]");
        refused(() -> write("x"), "names no format");
        Files.delete(marker);
        Files.writeString(folder().resolve("thesis.txt"), "mine");
        refused(() -> write("x"), "must be new, empty or a folder that Lapidary wrote (with lapidary.json); got one with thesis.txt");
    }
}
