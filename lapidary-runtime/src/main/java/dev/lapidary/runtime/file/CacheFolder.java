package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The one folder of everything that can be computed or fetched again: {@code $LAPIDARY_CACHE}, else {@code
 * $XDG_CACHE_HOME/lapidary}, else {@code ~/.cache/lapidary}.
 */
public final class CacheFolder {
    private CacheFolder() {}

    /** Returns the folder, absolute; it need not exist. */
    public static Path root() {
        return root(System.getenv(), System.getProperty("user.home", "."));
    }

    static Path root(Map<String, String> environment, String home) {
        String own = environment.getOrDefault("LAPIDARY_CACHE", "");
        if (!own.isEmpty()) {
            return Path.of(own).toAbsolutePath().normalize();
        }
        String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
        // the XDG specification has relative paths ignored
        if (!shared.isEmpty() && Path.of(shared).isAbsolute()) {
            return Path.of(shared, "lapidary").normalize();
        }
        return Path.of(home, ".cache", "lapidary").toAbsolutePath().normalize();
    }

    /**
     * Returns a folder inside the cache, created where it is missing.
     *
     * @param name a plain name or several joined by slashes
     * @throws InputException where a file stands in the way
     * @throws UncheckedIOException where it cannot be created
     */
    public static Path sub(String name) {
        return sub(root(), name);
    }

    static Path sub(Path root, String name) {
        Path folder = root.resolve(name).normalize();
        if (!folder.startsWith(root) || folder.equals(root)) {
            throw new IllegalArgumentException("name must lie inside the cache; got " + name);
        }
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            for (Path path = folder; path != null; path = path.getParent()) {
                if (Files.isRegularFile(path)) {
                    throw new InputException("the cache must be a folder (LAPIDARY_CACHE); got a file at " + path, e);
                }
            }
            throw new UncheckedIOException("the cache folder " + folder + " cannot be created", e);
        }
    }
}
