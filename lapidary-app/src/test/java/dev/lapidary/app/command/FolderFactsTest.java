package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderFactsTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatIsAFileIsNotWritable() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThat(FolderFacts.of("cache", file).writable()).isFalse();
        FolderFacts fresh = FolderFacts.of("cache", folder.resolve("new/cache"));
        assertThat(fresh.writable()).isTrue();
        assertThat(fresh.free()).isPositive();
        assertThat(folder.resolve("new/cache")).isEmptyDirectory();
    }
}
