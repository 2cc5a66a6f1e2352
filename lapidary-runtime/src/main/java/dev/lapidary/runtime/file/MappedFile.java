package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A file mapped to be read, which knows when it was shortened.
 *
 * <p>Reading a mapping behind the end of its file ends the process. {@link #requireWhole} sees that a file was cut off, but not that
 * it will be a moment later: a mapped file is to be replaced by renaming another, never to be rewritten in place.
 */
public final class MappedFile implements AutoCloseable {
    private static final int BUFFER = 1 << 18; // bytes read at once

    private final String where;
    private final RandomAccessFile file; // an interrupted thread closes a channel, but not this
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;

    private MappedFile(String where, RandomAccessFile file) throws IOException {
        this.where = where;
        this.file = file;
        try {
            this.bytes = file.getChannel().map(MapMode.READ_ONLY, 0, file.length(), arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Maps a whole file. */
    public static MappedFile open(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
        try {
            return new MappedFile(path.toString(), file);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** The path, with which errors begin. */
    public String where() {
        return where;
    }

    /** Returns the mapped bytes, which live until the file is closed. */
    public MemorySegment bytes() {
        return bytes;
    }

    /**
     * Refuses a file that was shortened.
     *
     * @param what is to be read, with which the error begins
     */
    public void requireWhole(String what) {
        try {
            if (file.length() < bytes.byteSize()) {
                throw shortened(what, file.length());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(where + " cannot be read any more", e);
        }
    }

    /** Returns the CRC-32C of a part, which is read from the file and not through the mapping. */
    public synchronized int checksum(String what, long offset, long length) {
        requireWhole(what);
        CRC32C sum = new CRC32C();
        byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
        try {
            file.seek(offset);
            for (long left = length; left > 0; ) {
                int count = file.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw shortened(what, file.length());
                }
                sum.update(buffer, 0, count);
                left -= count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(what + " cannot be read", e);
        }
        return (int) sum.getValue();
    }

    private InputException shortened(String what, long length) {
        return new InputException(what + " must not be cut off while the file is in use; the file is now " + length
                + " bytes, had " + bytes.byteSize());
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(where + " cannot be closed", e);
            }
        }
    }
}
