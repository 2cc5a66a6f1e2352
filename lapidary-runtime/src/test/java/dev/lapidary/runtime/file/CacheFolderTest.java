package dev.lapidary.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void nobodyElseLooksIntoIt() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        CacheFolder.sub(cache, "a");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
                .isEqualTo("rwx------");
        CacheFolder.sub(folder.resolve("new"), "a/b");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("new"))))
                .isEqualTo("rwx------");
    }

    @Test
    void limitsAreBytesWithAUnit() {
        assertThat(CacheFolder.limit("")).isEqualTo(2_147_483_648L);
        assertThat(CacheFolder.limit("0")).isZero();
        assertThat(CacheFolder.limit("12")).isEqualTo(12);
        assertThat(CacheFolder.limit("3k")).isEqualTo(3072);
        assertThat(CacheFolder.limit("500M")).isEqualTo(524_288_000);
        assertThat(CacheFolder.limit("4G")).isEqualTo(4_294_967_296L);
        for (String text : new String[] {"-1", "G", "1.5G", "4 G", "12345678901"}) {
            assertThatThrownBy(() -> CacheFolder.limit(text))
                    .isInstanceOf(InputException.class)
                    .hasMessage("LAPIDARY_CACHE_LIMIT must be bytes, such as 500M or 4G; got " + text);
        }
    }
}
