package dev.lapidary.runtime.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The bytes with which files of a format begin. */
public final class FileMagic {
    private FileMagic() {}

    /** Whether a path is a file that begins with these bytes. */
    public static boolean begins(Path file, byte[] magic) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(magic.length), magic);
        }
    }

    /** Whether the bytes of a file begin with these. */
    public static boolean begins(MemorySegment bytes, byte[] magic) {
        return bytes.byteSize() >= magic.length
                && bytes.asSlice(0, magic.length).mismatch(MemorySegment.ofArray(magic)) < 0;
    }
}
