package dev.lapidary.runtime.tensorfile;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.FileMagic;
import dev.lapidary.runtime.npy.NpyFile;
import dev.lapidary.runtime.npy.NpzFile;
import dev.lapidary.runtime.safetensors.SafetensorsFile;
import dev.lapidary.runtime.tensor.TensorContent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Maps a file and hands it to the reader of its format. */
final class TensorFileOpener {
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final byte[] EMPTY_ZIP = {'P', 'K', 5, 6};

    private TensorFileOpener() {}

    static TensorFile open(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new InputException(file + ": must be an existing file; got nothing at this path");
        }
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    file + ": must be a file; got " + (Files.isDirectory(file) ? "a folder" : "a device or pipe"));
        }
        Arena arena = Arena.ofShared();
        try {
            return new TensorFile(file, read(file, arena), arena);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static TensorContent read(Path file, Arena arena) throws IOException {
        MemorySegment bytes;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() == 0) {
                throw new InputException(file + ": must hold tensors; got an empty file");
            }
            bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        String extension = extension(file);
        if (NpyFile.begins(bytes) || extension.equals("npy")) {
            return NpyFile.read(file, bytes, arena);
        }
        if (FileMagic.begins(bytes, ZIP) || FileMagic.begins(bytes, EMPTY_ZIP) || extension.equals("npz")) {
            return NpzFile.read(file, bytes.byteSize(), arena);
        }
        return SafetensorsFile.read(file, bytes, arena);
    }

    private static String extension(Path file) {
        String name = file.toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
