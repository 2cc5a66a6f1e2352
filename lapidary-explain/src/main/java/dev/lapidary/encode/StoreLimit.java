package dev.lapidary.encode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cached embeddings of all encoders below a size: files that were not used for longest go first.
 *
 * @param all the folder of all encoders' folders
 * @param bytes the most that their files may take together
 */
record StoreLimit(Path all, long bytes) {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLimit.class);

    private record Stored(Path file, long bytes, FileTime used) {}

    /** Removes what is too much; never the file that was just written. */
    void keep(Path written) {
        List<Stored> files = files();
        long total = files.stream().mapToLong(Stored::bytes).sum();
        for (Stored file : files) {
            if (total <= bytes) {
                return;
            }
            if (!file.file().equals(written)) {
                total -= file.bytes();
                delete(file.file());
            }
        }
    }

    private List<Stored> files() {
        List<Stored> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(all, 2)) {
            paths.filter(path -> path.toString().endsWith(EmbeddingStore.ENDING))
                    .forEach(path -> {
                        try {
                            files.add(new Stored(path, Files.size(path), Files.getLastModifiedTime(path)));
                        } catch (IOException gone) {
                            LOG.debug("{} was removed by another process", path);
                        }
                    });
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("cached embeddings in {} cannot be listed: {}", all, e.toString());
        }
        files.sort(Comparator.comparing(Stored::used).thenComparing(Stored::file));
        return files;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
            LOG.debug("{} was removed: the cache of embeddings has reached its limit", file);
        } catch (IOException e) {
            LOG.debug("{} cannot be removed: {}", file, e.toString());
        }
    }
}
