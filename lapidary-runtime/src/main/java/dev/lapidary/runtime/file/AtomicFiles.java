package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes files and folders that appear under their name whole or not at all.
 *
 * <p>The content is written beside the target under a hidden name, forced to disk, then moved into place. Whatever fails, a full
 * disk included, the temporary content is removed, the target stays as it was and the failure reaches the caller unchanged.
 * Missing parent folders are created; a symbolic link is followed, not replaced. A folder is replaced in one step where the system can
 * do that; elsewhere a process that is killed between two moves leaves the old one under a hidden name, from which {@link #repair}
 * brings it back.
 */
public final class AtomicFiles {
    /** The file that marks a folder as one that Lapidary wrote and may replace. */
    public static final String MARKER = "lapidary.json";

    /** What hidden names of content that has not taken its place yet end with, as a regular expression; a dot and the name precede. */
    public static final String TEMPORARY = "\\.lapidary-[0-9a-f-]+\\.tmp";

    private static final Logger LOG = LoggerFactory.getLogger(AtomicFiles.class);

    private AtomicFiles() {}

    /** Writes the content. */
    @FunctionalInterface
    public interface Body {
        /** Writes the content to a temporary path: an empty file, or an empty folder for {@link #writeFolder}. */
        void write(Path temporary) throws IOException;
    }

    /**
     * Writes a file, replacing what is there. A device or pipe is written in place.
     *
     * @throws InputException where the target is a folder
     */
    public static void write(Path file, Body body) throws IOException {
        Path target = resolve(file);
        if (Files.isDirectory(target)) {
            throw new InputException(file + ": must be a file; got a folder");
        }
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            body.write(target);
            return;
        }
        Files.createDirectories(parent(target));
        LeftOvers.sweep(parent(target));
        Path temporary = beside(file, target, Files::createFile);
        try {
            body.write(temporary);
            force(temporary, StandardOpenOption.WRITE);
            move(temporary, target);
        } catch (IOException | RuntimeException | Error e) {
            deleteAfter(e, temporary);
            throw e;
        }
        forceFolder(parent(target));
    }

    /** Writes a text as UTF-8. */
    public static void writeString(Path file, String text) throws IOException {
        write(file, temporary -> Files.writeString(temporary, text));
    }

    /** What {@link #writeChannel} does. */
    @FunctionalInterface
    public interface ChannelBody {
        /** Writes the content of an empty file. */
        void write(FileChannel channel) throws IOException;
    }

    /** Writes a file as {@link #write} does, through a channel that is closed then. */
    public static void writeChannel(Path file, ChannelBody body) throws IOException {
        write(file, temporary -> {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                body.write(channel);
            }
        });
    }

    /**
     * Writes a folder. One that exists is replaced, with all that is in it, only if it is empty or holds a file {@value #MARKER}; it
     * stays until the new one is complete, and comes back if that cannot take its place.
     *
     * @throws InputException where the target is a file or a folder of something else
     */
    public static void writeFolder(Path folder, Body body) throws IOException {
        Path target = resolve(folder);
        repair(target);
        requireReplaceable(folder, target);
        Files.createDirectories(parent(target));
        Path temporary = beside(folder, target, Files::createDirectory);
        try {
            body.write(temporary);
            forceTree(temporary);
            // again: writing may have taken long
            requireReplaceable(folder, target);
            replaceFolder(temporary, target);
        } catch (IOException | RuntimeException | Error e) {
            deleteAfter(e, temporary);
            throw e;
        }
        forceFolder(parent(target));
    }

    private static void replaceFolder(Path temporary, Path target) throws IOException {
        if (!Files.exists(target)) {
            move(temporary, target);
            return;
        }
        if (FolderExchange.exchange(temporary, target)) {
            deleteReplaced(temporary);
            return;
        }
        Path old = sibling(target, "old");
        move(target, old);
        try {
            move(temporary, target);
        } catch (IOException | RuntimeException | Error e) {
            try {
                move(old, target);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        deleteReplaced(old);
    }

    private static void deleteReplaced(Path old) {
        try {
            deleteTree(old);
        } catch (IOException e) {
            LOG.warn("{} could not be removed after its replacement was written: {}", old, e.toString());
        }
    }

    private static void requireReplaceable(Path folder, Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new InputException(folder + ": must be a folder; got a file");
        }
        if (Files.isRegularFile(target.resolve(MARKER))) {
            return;
        }
        try (Stream<Path> children = Files.list(target)) {
            children.findFirst().ifPresent(child -> {
                throw new InputException(folder + ": must be new, empty or a folder that Lapidary wrote (with " + MARKER
                        + "); got one with " + child.getFileName());
            });
        }
    }

    /**
     * Brings a folder back that a killed process took from its place and did not replace, and deletes what killed processes left beside
     * it. Call it before a result is looked for; it does little where nothing was left.
     */
    public static void repair(Path result) {
        Path parent = result.toAbsolutePath().normalize().getParent();
        if (parent != null && Files.isDirectory(parent)) {
            if (Files.exists(result)) {
                LeftOvers.sweep(parent);
            } else {
                LeftOvers.clear(parent);
            }
        }
    }

    private static Path resolve(Path path) throws IOException {
        if (!Files.isSymbolicLink(path)) {
            return path.toAbsolutePath().normalize();
        }
        if (!Files.exists(path)) {
            throw new InputException(path + ": must be no link to nothing; got one");
        }
        return path.toRealPath();
    }

    private static Path parent(Path target) {
        Path parent = target.getParent();
        if (parent == null) {
            throw new InputException(target + ": must lie in a folder; got the root");
        }
        return parent;
    }

    /** Makes one path. */
    @FunctionalInterface
    private interface Creation {
        Path create(Path path, FileAttribute<?>... attributes) throws IOException;
    }

    private static Path beside(Path given, Path target, Creation creation) throws IOException {
        try {
            return creation.create(sibling(target, "tmp"));
        } catch (AccessDeniedException e) {
            throw because(e, new AccessDeniedException(given.toString()));
        } catch (FileSystemException e) {
            String reason = e.getReason() == null ? "no file can be made there" : e.getReason();
            throw because(e, new FileSystemException(given.toString(), null, reason));
        }
    }

    /** The hidden name is not what the caller gave. */
    private static FileSystemException because(FileSystemException hidden, FileSystemException named) {
        named.initCause(hidden);
        return named;
    }

    private static Path sibling(Path target, String ending) {
        return parent(target).resolve(LeftOvers.name(String.valueOf(target.getFileName()), ending));
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    /** Makes a move durable, where the system lets a folder be forced. */
    private static void forceFolder(Path folder) {
        try {
            force(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            LOG.debug("{} cannot be forced to disk: {}", folder, e.toString());
        }
    }

    private static void forceTree(Path folder) throws IOException {
        for (Path path : tree(folder)) {
            if (Files.isDirectory(path)) {
                forceFolder(path);
            } else if (Files.isRegularFile(path)) {
                force(path, StandardOpenOption.WRITE);
            }
        }
    }

    private static List<Path> tree(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.toList();
        }
    }

    private static void deleteAfter(Throwable failure, Path temporary) {
        try {
            deleteTree(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** Deletes a file, or a folder with all that it holds; of links only the links. */
    public static void deleteTree(Path path) throws IOException {
        try {
            for (Path child : tree(path).reversed()) {
                Files.deleteIfExists(child);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already", path);
        }
    }
}
