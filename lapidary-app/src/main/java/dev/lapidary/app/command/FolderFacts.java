package dev.lapidary.app.command;

import dev.lapidary.runtime.file.CacheFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder that Lapidary writes to.
 *
 * @param name what it is for: cache, temporary files or home
 * @param free bytes that this user may still write there, -1 where nobody tells
 * @param writable whether a file could be made in it
 */
record FolderFacts(String name, Path path, long free, boolean writable) {
    /** The name of the folder that nothing works without. */
    static final String CACHE = "cache";

    static List<FolderFacts> here() {
        return List.of(
                of(CACHE, CacheFolder.root()),
                of("temporary", Path.of(System.getProperty("java.io.tmpdir", "/tmp"))),
                of("home", Path.of(System.getProperty("user.home", "."))));
    }

    static FolderFacts of(String name, Path path) {
        return new FolderFacts(name, path, free(path), writable(path));
    }

    /** Asks the file system of the folder, or of the nearest one above that exists. */
    private static long free(Path path) {
        try {
            Path existing = path.toAbsolutePath();
            while (existing.getParent() != null && !Files.exists(existing)) {
                existing = existing.getParent();
            }
            return Files.getFileStore(existing).getUsableSpace();
        } catch (IOException untold) {
            return -1;
        }
    }

    /** Makes a file and deletes it: permissions alone do not know of file systems that are read-only or full. */
    private static boolean writable(Path path) {
        try {
            Files.createDirectories(path);
            Path file = Files.createTempFile(path, "lapidary-doctor", null);
            Files.write(file, new byte[1]);
            Files.delete(file);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
