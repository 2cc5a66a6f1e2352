package dev.lapidary.image;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Where the bytes of a picture lie. Several threads may read at once. */
@FunctionalInterface
interface ImageStore {
    /** The most bytes of a file or an entry; larger ones are refused before they are read. */
    int LARGEST = 64 << 20;

    /** The whole file. */
    byte[] read() throws IOException;

    /**
     * A file below a folder.
     *
     * @param shown its name in messages
     * @throws InputException on reading, where the file is missing, too large, or leads out of the folder
     */
    static ImageStore file(Path folder, Path file, String shown) {
        return () -> {
            if (!Files.exists(file)) {
                throw new InputException(shown + ": must be a file; got nothing at this path");
            }
            Path real = file.toRealPath();
            if (!real.startsWith(folder.toRealPath())) {
                throw new InputException(
                        shown + ": must lie in " + folder + "; got a link or path that leads out of it");
            }
            if (!Files.isRegularFile(real)) {
                throw new InputException(shown + ": must be a file; got something else");
            }
            requireSize(shown, Files.size(real));
            try (InputStream in = Files.newInputStream(real)) {
                return bytes(shown, in);
            }
        };
    }

    /** An entry of an archive. */
    static ImageStore entry(ZipFile zip, ZipEntry entry, String shown) {
        return () -> {
            requireSize(shown, entry.getSize());
            try (InputStream in = zip.getInputStream(entry)) {
                if (in == null) {
                    throw new InputException(shown + ": must have contents; got none");
                }
                return bytes(shown, in);
            }
        };
    }

    private static void requireSize(String shown, long bytes) {
        if (bytes > LARGEST) {
            throw new InputException(String.format("%s: must have at most %,d bytes; got %,d", shown, LARGEST, bytes));
        }
    }

    /** Reads one byte more than is allowed at most, whatever the size was said to be. */
    private static byte[] bytes(String shown, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(LARGEST + 1);
        requireSize(shown, bytes.length);
        return bytes;
    }
}
