package dev.lapidary.work;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hidden folder beside a result in which long work keeps what it would go on from.
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
 * The folder is locked while it is open, so that no two processes write to one result. When it closes it is deleted where the work
 * has finished or left nothing to go on from, which is a file {@code *.safetensors}; else it stays.
 */
public final class UnfinishedWork implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedWork.class);
    private static final String LOCK = "lock";
    private static final String CLOCK = "seconds";
    private static final String CHECKPOINTS = "checkpoints";
    private static final String STATE = ".safetensors";
    private static final Pattern PROCESS = Pattern.compile("^(\\d+) ");
    private static final long SAVE_MILLIS = 10_000;

    private final Path folder;
    private final FileChannel lock;
    private final boolean resumed;
    private final WorkClock clock;
    private final Thread saver;
    private boolean finished;
    private boolean closed;

    private UnfinishedWork(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
        resumed = hasState(folder);
        Path file = folder.resolve(CLOCK);
        clock = resumed ? WorkClock.resume(file) : WorkClock.start(file);
        saver = Thread.ofVirtual().name("work-clock").start(this::saveNowAndThen);
    }

    /** Returns where work towards a result keeps what it goes on from. */
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
        FileChannel lock = lock(result, folder);
        try {
            if (restart) {
                clear(folder);
            }
            return new UnfinishedWork(folder, lock);
        } catch (IOException e) {
            closeQuietly(lock);
            throw new UncheckedIOException(folder + " cannot be written", e);
        } catch (RuntimeException | Error e) {
            closeQuietly(lock);
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

    /** Whether earlier work left something to go on from. */
    public boolean resumed() {
        return resumed;
    }

    /** Whether there is something to go on from now. */
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

    /** Unlocks the folder, and deletes it where nothing is to be gone on from. A second call does nothing. */
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
            closeQuietly(lock);
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

    private static FileChannel lock(Path result, Path folder) {
        try {
            while (true) {
                Files.createDirectories(folder);
                Path file = folder.resolve(LOCK);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (!isLocked(channel)) {
                    channel.close();
                    throw new InputException("another training is already writing to " + result + holder(file)
                            + "; wait for it or choose another --out");
                }
                if (isOurs(channel, file)) {
                    return channel;
                }
                channel.close(); // its holder finished, and deleted it, in between
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException here) {
            return false;
        }
    }

    /** Writes who holds the lock; false where the locked file is no longer the one of that name. */
    private static boolean isOurs(FileChannel channel, Path file) throws IOException {
        String text = ProcessHandle.current().pid() + " " + UUID.randomUUID() + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        return Files.isRegularFile(file) && Files.readString(file).equals(text);
    }

    private static String holder(Path file) throws IOException {
        Matcher process = PROCESS.matcher(Files.readString(file));
        return process.find() ? " (process " + process.group(1) + ")" : "";
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("a lock cannot be closed: {}", e.getMessage());
        }
    }
}
