package dev.lapidary.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheFolderTest {
    @TempDir
    Path folder;

    @Test
    void followsTheEnvironmentInOrder() {
        Path own = folder.resolve("own");
        Path shared = folder.resolve("shared");
        String home = folder.resolve("home").toString();
        Map<String, String> both = Map.of("LAPIDARY_CACHE", own.toString(), "XDG_CACHE_HOME", shared.toString());
        assertThat(CacheFolder.root(both, home)).isEqualTo(own);
        assertThat(CacheFolder.root(Map.of("LAPIDARY_CACHE", "", "XDG_CACHE_HOME", shared.toString()), home))
                .isEqualTo(shared.resolve("lapidary"));
        assertThat(CacheFolder.root(Map.of("XDG_CACHE_HOME", "relative"), home))
                .isEqualTo(folder.resolve("home/.cache/lapidary"));
        assertThat(CacheFolder.root(Map.of(), home)).isEqualTo(folder.resolve("home/.cache/lapidary"));
        assertThat(CacheFolder.root(Map.of("LAPIDARY_CACHE", "relative"), home)).isAbsolute();
    }

    @Test
    void createsFoldersInside() {
        assertThat(CacheFolder.sub(folder.resolve("cache"), "a/b"))
                .isEqualTo(folder.resolve("cache/a/b"))
                .isDirectory();
        assertThat(CacheFolder.sub(folder.resolve("cache"), "a/b")).isDirectory();
    }

    @Test
    void refusesToLeaveTheCache() {
        for (String name : new String[] {"..", "../x", "a/../../x", "/x", "", "."}) {
            assertThatThrownBy(() -> CacheFolder.sub(folder.resolve("cache"), name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("name must lie inside the cache; got " + name);
        }
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void aFileInTheWayIsBadInput() throws IOException {
        Path file = Files.writeString(folder.resolve("cache"), "1");
        assertThatThrownBy(() -> CacheFolder.sub(file, "a"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got a file at");
    }
}
