package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.tensor.TensorContent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** An npz file: a zip archive of npy entries, stored or deflated, all unpacked into native memory on opening. */
public final class NpzFile {
    /** The most that one deflated byte can become. */
    private static final long DEFLATE_RATIO = 1032;

    private static final int PIECE = 1 << 16; // bytes
    static final String ENDING = ".npy";

    private NpzFile() {}

    /** Unpacks every entry; tensors live as long as the arena. */
    public static TensorContent read(Path file, long fileBytes, Arena arena) throws IOException {
        return read(file, fileBytes, arena, MemoryLimit.available());
    }

    /** The same, unpacking at most {@code memory} bytes. */
    static TensorContent read(Path file, long fileBytes, Arena arena, long memory) throws IOException {
        NpyArrays arrays = new NpyArrays(arena);
        try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            long left = memory;
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String name = name(file, entry);
                if (arrays.has(name)) {
                    throw new InputException(file + ": entries must have distinct names; got two '" + name + "'");
                }
                left -= new EntryReader(file + " entry '" + name + "'", arena, left)
                        .read(zip, entry, name, fileBytes, arrays);
            }
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw new InputException(file + ": must be a whole zip archive of arrays; got: " + e.getMessage(), e);
        }
        return arrays.content();
    }

    /** Returns the array's name. No path is ever made of it, but a program above us might. */
    private static String name(Path file, ZipEntry entry) {
        String name = entry.getName();
        String shown = name.replaceAll("\\p{Cntrl}", "?");
        if (!name.endsWith(ENDING)) {
            throw new InputException(file + ": must hold npy entries only; got '" + shown + "'");
        }
        if (!plain(name)) {
            throw new InputException(file + ": entry names must be plain; got '" + shown + "'");
        }
        return name.substring(0, name.length() - ENDING.length());
    }

    /** Whether a name can be made a path that stays where it is put. */
    static boolean plain(String name) {
        boolean climbs = List.of(name.split("/", -1)).contains("..");
        boolean control = name.chars().anyMatch(c -> c < ' ' || c == 127);
        return !control && !climbs && !name.startsWith("/") && !name.contains("\\");
    }

    /** Unpacks one entry without trusting what it says about itself. */
    private record EntryReader(String where, Arena arena, long memory) {
        /** Adds the entry's array and returns the bytes of memory that it took. */
        long read(ZipFile zip, ZipEntry entry, String name, long fileBytes, NpyArrays arrays) throws IOException {
            long packed = entry.getCompressedSize();
            long size = entry.getSize();
            if (packed < 0 || packed > fileBytes || size < 0 || size / DEFLATE_RATIO > packed) {
                throw new InputException(where + ": " + packed + " packed bytes must become at most " + DEFLATE_RATIO
                        + " times as many; got a size of " + Long.toUnsignedString(size));
            }
            CheckedInputStream in = new CheckedInputStream(stream(zip, entry), new CRC32());
            try (in) {
                NpyHeader header = NpyHeader.read(where, in);
                header.requireDataBytes(where, size - header.length());
                MemoryLimit.require(where, size + header.convertedBytes(), memory, "memory");
                try (Arena packedArena = Arena.ofConfined()) {
                    Arena owner = header.direct() ? arena : packedArena;
                    MemorySegment data = owner.allocate(header.dataBytes(), Long.BYTES);
                    fill(in, data);
                    if (in.getChecksum().getValue() != entry.getCrc()) {
                        throw new InputException(where + ": contents must have the checksum "
                                + Long.toHexString(entry.getCrc()) + "; got "
                                + Long.toHexString(in.getChecksum().getValue()));
                    }
                    arrays.add(where, name, header, data.asReadOnly());
                }
                return header.text() ? 0 : header.count() * header.dtype().bytes();
            }
        }

        private InputStream stream(ZipFile zip, ZipEntry entry) throws IOException {
            InputStream in = zip.getInputStream(entry);
            if (in == null) {
                throw new InputException(where + ": must have contents; got none");
            }
            return in;
        }

        private void fill(InputStream in, MemorySegment data) throws IOException {
            byte[] piece = new byte[PIECE];
            long at = 0;
            while (at < data.byteSize()) {
                int read = in.read(piece, 0, (int) Math.min(piece.length, data.byteSize() - at));
                if (read < 0) {
                    throw new InputException(where + ": must have " + data.byteSize() + " bytes of data; got " + at);
                }
                MemorySegment.copy(piece, 0, data, ValueLayout.JAVA_BYTE, at, read);
                at += read;
            }
            if (in.read() >= 0) {
                throw new InputException(where + ": must end after " + at + " bytes of data; got more");
            }
        }
    }
}
