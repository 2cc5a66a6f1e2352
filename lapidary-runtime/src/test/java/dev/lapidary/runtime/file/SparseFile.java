package dev.lapidary.runtime.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** Makes large files that take no space on disk. */
public final class SparseFile {
    private SparseFile() {}

    public static Path create(Path file, long length, byte[] start) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(start);
            out.setLength(length);
        }
        return file;
    }
}
