package dev.lapidary.work;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hidden folder beside a result in which long work keeps what it needs to continue after an interruption.
 *
 * <pre>{@code
 * try (UnfinishedWork work = UnfinishedWork.open(out, false)) {
 *     train(Checkpointing.in(work.checkpoints()));
 *     write(out);
 *     work.finished();
 * }
 * }</pre>
 *
 * <p>One rule holds for all long work: the same work towards the same result goes on where it was, unless what it left is discarded.
 * The folder is locked while it is open, so that no two processes write to one result. Closing deletes it if the work
 * has finished, or has left nothing to continue from, that is, no file {@code *.safetensors}; otherwise it stays.
 */
public final class UnfinishedWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedWork.class);
    private static final String LOCK = "lock";
    private static final String CLOCK = "seconds";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String STATE = ".safetensors";
    private static final Pattern PROCESS = Pattern.compile("^(\\d+) ");
    private static final int HOLDER_BYTES = 128; // longer than what the lock's file holds
    private static final long SAVE_MILLIS = 10_000;
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet(); // folders that this process has locked

    private final Path folder;
    private final Lock lock;
    private final boolean resumed;
    private final WorkClock clock;
    private final Thread saver;
    private boolean finished;
    private boolean closed;

    private UnfinishedWork(Path folder, Lock lock) {
        this.folder = folder;
        this.lock = lock;
        resumed = hasState(folder);
        Path file = folder.resolve(CLOCK);
        clock = resumed ? WorkClock.resume(file) : WorkClock.start(file);
        saver = Thread.ofVirtual().name("work-clock").start(this::saveNowAndThen);
    }

    /** Returns the folder of unfinished work towards a result. */
    public static Path folder(Path result) {
        Path whole = result.toAbsolutePath().normalize();
        return whole.resolveSibling("." + whole.getFileName() + ".unfinished");
    }

    /**
     * Locks the folder of work towards a result, made where it is missing.
     *
     * @param restart discards what earlier work left
     * @throws InputException where another process, or other work of this one, holds it
     */
    public static UnfinishedWork open(Path result, boolean restart) {
        Path folder = folder(result);
        Lock lock = lock(result, folder);
        try {
            if (restart) {
                clear(folder);
            }
            return new UnfinishedWork(folder, lock);
        } catch (IOException e) {
            lock.close();
            throw new UncheckedIOException(folder + " cannot be written", e);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /** Returns the folder. */
    public Path folder() {
        return folder;
    }

    /** Returns where a training saves itself. */
    public Path checkpoints() {
        return folder.resolve(CHECKPOINTS);
    }

    /** Whether earlier work left something to continue from. */
    public boolean resumed() {
        return resumed;
    }

    /** Whether there is something to continue from now. */
    public boolean hasState() {
        return hasState(folder);
    }

    /** Returns the seconds that the work took so far, all sessions together. */
    public double seconds() {
        return clock.seconds();
    }

    /** Says that the result is written: closing deletes the folder. */
    public void finished() {
        finished = true;
    }

    /** Unlocks the folder; deletes it if the work has finished or left nothing to continue from. A second call does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        saver.interrupt();
        try {
            saver.join();
            if (finished || !hasState(folder)) {
                AtomicFiles.deleteTree(folder); // before it is unlocked
            } else {
                clock.save();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be deleted", e);
        } finally {
            lock.close();
        }
    }

    private void saveNowAndThen() {
        try {
            while (true) {
                Thread.sleep(SAVE_MILLIS);
                clock.save();
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("the clock of unfinished work cannot be kept: {}", e.getMessage());
        }
    }

    private static boolean hasState(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().endsWith(STATE));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
    }

    private static void clear(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().toString().equals(LOCK)) {
                    AtomicFiles.deleteTree(entry);
                }
            }
        }
    }

    /**
     * A lock that is held. POSIX drops a process's locks on a file as soon as the process closes any channel of the file, so this
     * process opens a file that it has locked only through these channels, and closes them together.
     *
     * @param folder real path of the locked file's folder
     * @param locked on which the lock is
     * @param read shows that the file of that name is still the locked one
     */
    private record Lock(Path folder, FileChannel locked, FileChannel read) {
        void close() {
            closeQuietly(read);
            closeQuietly(locked);
            HELD.remove(folder);
        }
    }

    private static Lock lock(Path result, Path folder) {
        while (true) {
            Path real;
            try {
                Files.createDirectories(folder);
                real = folder.toRealPath();
            } catch (IOException e) {
                throw new UncheckedIOException(folder + " cannot be written", e);
            }
            if (!HELD.add(real)) {
                throw held(result, ProcessHandle.current().pid() + " ");
            }
            Lock lock = null;
            try {
                lock = tryLock(result, real);
            } catch (NoSuchFileException gone) {
                LOG.debug("{} was deleted by its holder, who finished", gone.getFile());
            } catch (IOException e) {
                throw new UncheckedIOException(folder + " cannot be written", e);
            } finally {
                if (lock == null) {
                    HELD.remove(real);
                }
            }
            if (lock != null) {
                return lock;
            }
        }
    }

    /** Locks a folder; null where its holder finished and deleted it in between. */
    private static @Nullable Lock tryLock(Path result, Path folder) throws IOException {
        Path file = folder.resolve(LOCK);
        FileChannel locked = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileChannel read = null;
        boolean ours = false;
        try {
            if (locked.tryLock() == null) {
                throw held(result, Files.readString(file));
            }
            String holder = ProcessHandle.current().pid() + " " + UUID.randomUUID() + "\n";
            locked.truncate(0);
            locked.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
            read = FileChannel.open(file, StandardOpenOption.READ);
            ours = holder.equals(text(read));
            return ours ? new Lock(folder, locked, read) : null;
        } finally {
            if (!ours) {
                if (read != null) {
                    closeQuietly(read);
                }
                closeQuietly(locked);
            }
        }
    }

    private static String text(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HOLDER_BYTES);
        channel.read(bytes, 0);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    private static InputException held(Path result, String holder) {
        Matcher process = PROCESS.matcher(holder);
        String who = process.find() ? " (process " + process.group(1) + ")" : "";
        return new InputException(
                "another process is already writing to " + result + who + "; wait for it or choose another --out");
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("a lock cannot be closed: {}", e.getMessage());
        }
    }
}
