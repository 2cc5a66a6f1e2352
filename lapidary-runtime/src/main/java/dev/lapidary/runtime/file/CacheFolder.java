package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one folder of everything that can be computed or fetched again: {@code $LAPIDARY_CACHE}, else {@code
 * $XDG_CACHE_HOME/lapidary}, else {@code ~/.cache/lapidary}. Where the system has owners, it is the user's own and nobody else may
 * look into it.
 */
public final class CacheFolder {
    /** How many bytes of embeddings are kept by default, see {@link #limit}. */
    public static final long DEFAULT_LIMIT = 2L << 30;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final String LIMIT = "LAPIDARY_CACHE_LIMIT";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGT]?)", Pattern.CASE_INSENSITIVE);
    private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

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
     * Returns how many bytes of embeddings the cache may keep: {@code $LAPIDARY_CACHE_LIMIT}, a number with K, M, G or T behind it (0
     * keeps none), else 2 GiB.
     */
    public static long limit() {
        return limit(System.getenv().getOrDefault(LIMIT, ""));
    }

    static long limit(String text) {
        if (text.isEmpty()) {
            return DEFAULT_LIMIT;
        }
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new InputException(LIMIT + " must be bytes, such as 500M or 4G; got " + text);
        }
        int shift = size.group(2).isEmpty()
                ? 0
                : 10 * (1 + "KMGT".indexOf(size.group(2).toUpperCase(Locale.ROOT)));
        return Long.parseLong(size.group(1)) << shift;
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

    /** Makes the cache private; refuses one of somebody else, who could put libraries there. */
    private static void own(Path root) throws IOException {
        Files.createDirectories(root);
        PosixFileAttributeView view = Files.getFileAttributeView(root, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        String user = System.getProperty("user.name", "");
        String owner = view.readAttributes().owner().getName();
        if (owner.equals(user)) {
            if (!view.readAttributes().permissions().equals(PRIVATE)) {
                view.setPermissions(PRIVATE);
            }
        } else if (user.equals("root") || owner.equals("root")) {
            LOG.debug("the cache {} belongs to {}", root, owner);
        } else if (named(user)) {
            throw new InputException("the cache " + root + " must belong to " + user
                    + " (LAPIDARY_CACHE names another); got one of " + owner);
        }
    }

    /** Whether the system knows the user by a name; in containers it may not. */
    private static boolean named(String user) {
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
            return true;
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }

    static Path sub(Path root, String name) {
        Path folder = root.resolve(name).normalize();
        if (!folder.startsWith(root) || folder.equals(root)) {
            throw new IllegalArgumentException("name must lie inside the cache; got " + name);
        }
        try {
            own(root);
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
