package dev.lapidary.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheFoldersTest {
    @TempDir
    private Path root;

    @BeforeEach
    void fill() throws IOException {
        write("embeddings/a/1.safetensors", 100);
        write("embeddings/b/2.safetensors", 50);
        write("native/lib.so", 7);
        write("systems/run.json", 3);
        write("letters/mine.txt", 9);
    }

    private void write(String name, int bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, new byte[bytes]);
    }

    private static List<String> said(List<CacheFolders.Folder> folders) {
        return folders.stream()
                .map(folder -> folder.name() + " " + folder.files() + " " + folder.bytes())
                .toList();
    }

    @Test
    void listsItsOwnFoldersWithTheirSizes() {
        assertThat(said(CacheFolders.in(root))).containsExactly("embeddings 2 150", "native 1 7", "systems 1 3");
        assertThat(CacheFolders.in(root.resolve("nowhere"))).isEmpty();
    }

    @Test
    void clearsOneFolder() throws IOException {
        assertThat(said(CacheFolders.clear(root, "systems"))).containsExactly("systems 1 3");
        assertThat(said(CacheFolders.in(root))).containsExactly("embeddings 2 150", "native 1 7");
        assertThat(CacheFolders.clear(root, "letters")).isEmpty();
    }

    @Test
    void clearsWhatIsMadeAgainByItself() throws IOException {
        assertThat(said(CacheFolders.clear(root, ""))).containsExactly("embeddings 2 150", "native 1 7");
        assertThat(root.resolve("letters/mine.txt")).exists();
        assertThat(root.resolve("systems/run.json")).exists();
        assertThat(root.resolve("embeddings")).doesNotExist();
    }

    @Test
    void showsSizes() {
        assertThat(CacheCommand.size(0)).isEqualTo("0 KiB");
        assertThat(CacheCommand.size(1)).isEqualTo("1 KiB");
        assertThat(CacheCommand.size(2L << 30)).isEqualTo("2,048.0 MiB");
    }
}
