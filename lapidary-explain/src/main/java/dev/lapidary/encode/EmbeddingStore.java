package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cached embeddings of one encoder: a folder of files that are only ever added whole and removed whole, so that any number of
 * processes may use it at once.
 *
 * <p>Rows are written many at a time: when there are {@value #BATCH} of them, when one has waited for half a minute and another comes,
 * and on closing. A file that cannot be read as written is dropped with a warning. Many small files are merged into one. The files of
 * all encoders together stay below a limit, those used least recently go first.
 */
final class EmbeddingStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingStore.class);
    static final String ENDING = ".safetensors";

    private static final int BATCH = 1024; // rows of a file, at least, where there are enough
    private static final long WAITING_NANOS = 30_000_000_000L;
    private static final long TOUCHED_MILLIS = 3_600_000; // times of use are kept to the hour
    private static final int FOLDER_DIGITS = 32; // of the encoder's digest
    private static final int MERGE_FILES = 32;
    private static final int MERGE_ROWS = 1 << 16; // larger files are left as they are

    private final Path folder;
    private final String encoder;
    private final int width;
    private final StoreLimit limit;
    private final List<@Nullable CachedRows> files = new ArrayList<>();
    private final RowIndex index = new RowIndex();
    private PendingRows pending;
    private boolean broken; // one warning is enough where the folder cannot be written

    private EmbeddingStore(Path folder, String encoder, int width, StoreLimit limit) {
        this.limit = limit;
        this.pending = new PendingRows(width);
        this.broken = limit.bytes() == 0;
        this.folder = folder;
        this.encoder = encoder;
        this.width = width;
    }

    /**
     * Opens the store of one encoder below the folder of all, in a folder that its digest and the version name.
     *
     * @param version of what happens to an item before its encoder, such as decoding; rows of other versions are not used
     */
    static EmbeddingStore of(StoreLimit limit, String version, String digest, int width) {
        String key = Sha256.of("lapidary embeddings, " + version + "\n" + digest);
        var store = new EmbeddingStore(limit.all().resolve(key.substring(0, FOLDER_DIGITS)), key, width, limit);
        store.load();
        store.merge();
        return store;
    }

    private void load() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> children = Files.list(folder)) {
            paths = children.filter(path -> path.toString().endsWith(ENDING)
                            && !path.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOG.warn("cached embeddings in {} cannot be listed and are not used: {}", folder, e.toString());
            return;
        }
        paths.forEach(this::add);
    }

    private void add(Path path) {
        try {
            CachedRows rows = CachedRows.open(path, encoder, width);
            files.add(rows);
            for (int row = 0; row < rows.rows(); row++) {
                CachedRows.Entry entry = rows.entry(row);
                index.put(entry.high(), entry.low(), ((long) files.size() - 1) << Integer.SIZE | row);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} was merged by another process", path);
        } catch (InputException e) {
            if (Files.exists(path)) {
                drop(path, e.toString());
            }
        } catch (IOException e) {
            LOG.warn("cached embeddings in {} cannot be read and are not used: {}", path, e.toString());
        }
    }

    private static void drop(Path path, String reason) {
        LOG.warn("cached embeddings are damaged and will be calculated again: {}", reason);
        delete(path);
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("{} cannot be removed: {}", path, e.toString());
        }
    }

    /** Copies many small files into one; what another process still has mapped stays readable to it. */
    private void merge() {
        List<CachedRows> small = new ArrayList<>();
        for (CachedRows file : files) {
            if (file != null && file.rows() < MERGE_ROWS) {
                small.add(file);
            }
        }
        if (small.size() < MERGE_FILES) {
            return;
        }
        int rows = small.stream().mapToInt(CachedRows::rows).sum();
        List<CachedRows.Entry> entries = new ArrayList<>(rows);
        try (EmbeddingMatrix matrix = EmbeddingMatrix.allocate(rows, width)) {
            for (CachedRows file : small) {
                for (int row = 0; row < file.rows(); row++) {
                    if (file.read(row, matrix, entries.size())) {
                        entries.add(file.entry(row));
                    }
                }
            }
            if (entries.size() == rows && write(entries, matrix)) {
                small.forEach(this::remove);
            }
        }
    }

    private void remove(CachedRows file) {
        files.set(files.indexOf(file), null); // places of the index are positions
        file.close();
        delete(file.path());
    }

    /** Copies a cached row into a matrix and returns its entry, or null where there is none that can be trusted. */
    CachedRows.@Nullable Entry read(long high, long low, EmbeddingMatrix matrix, int target) {
        CachedRows.Entry waiting = pending.read(high, low, matrix, target);
        if (waiting != null) {
            return waiting;
        }
        long place = index.get(high, low);
        if (place == RowIndex.NONE) {
            return null;
        }
        CachedRows file = files.get((int) (place >>> Integer.SIZE));
        int row = (int) place;
        if (file == null) {
            return null;
        }
        if (file.read(row, matrix, target)) {
            return file.entry(row);
        }
        drop(file.path(), file.path() + ": every row must have its checksum; got another in row " + (row + 1));
        return null;
    }

    /** Adds rows, which are written with others. A folder that cannot be written costs a warning, not the run. */
    void append(List<CachedRows.Entry> entries, EmbeddingMatrix rows) {
        if (broken || entries.isEmpty()) {
            return;
        }
        for (int i = 0; i < entries.size(); i++) {
            pending.add(entries.get(i), rows.row(i));
        }
        if (pending.due(BATCH, WAITING_NANOS)) {
            flush();
        }
    }

    private void flush() {
        PendingRows written = pending;
        if (written.size() == 0) {
            return;
        }
        pending = new PendingRows(width);
        try (EmbeddingMatrix matrix = written.matrix()) {
            if (write(written.entries(), matrix)) {
                LOG.debug("{} embeddings cached in {}", written.size(), folder);
            }
        }
        merge();
    }

    private boolean write(List<CachedRows.Entry> entries, EmbeddingMatrix rows) {
        Path path = folder.resolve(UUID.randomUUID() + ENDING);
        try {
            CachedRows.write(path, encoder, entries, rows);
        } catch (IOException | InputException e) {
            broken = true;
            LOG.warn(
                    "embeddings cannot be cached in {} and will be calculated again next time: {}",
                    folder,
                    e.toString());
            return false;
        }
        add(path);
        limit.keep(path);
        return true;
    }

    /** Marks a file as used, for the limit. */
    private static void touch(CachedRows file) {
        try {
            long now = System.currentTimeMillis();
            if (file.used() && Files.getLastModifiedTime(file.path()).toMillis() + TOUCHED_MILLIS < now) {
                Files.setLastModifiedTime(file.path(), FileTime.fromMillis(now));
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be marked as used: {}", file.path(), e.toString());
        }
    }

    @Override
    public void close() {
        flush();
        for (CachedRows file : files) {
            if (file != null) {
                touch(file);
                file.close();
            }
        }
        files.clear();
    }
}
