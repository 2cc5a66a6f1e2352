package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.file.FileMagic;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.tensor.TensorContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A memory mapped npy file: the one array {@code ""}. */
public final class NpyFile {
    private NpyFile() {}

    /** Whether bytes begin as those of an npy file do. */
    public static boolean begins(MemorySegment bytes) {
        return FileMagic.begins(bytes, NpyHeader.MAGIC);
    }

    /** Reads mapped bytes; tensors live as long as the bytes and the arena. */
    public static TensorContent read(Path file, MemorySegment bytes, Arena arena) throws IOException {
        byte[] start =
                bytes.asSlice(0, Math.min(bytes.byteSize(), NpyHeader.LIMIT)).toArray(ValueLayout.JAVA_BYTE);
        NpyHeader header = NpyHeader.read(file.toString(), new ByteArrayInputStream(start));
        MemorySegment data = bytes.asSlice(header.length());
        header.requireDataBytes(file.toString(), data.byteSize());
        if (header.convertedBytes() > 0) {
            MemoryLimit.require(file.toString(), header.convertedBytes(), MemoryLimit.available(), "memory");
        }
        NpyArrays arrays = new NpyArrays(arena);
        arrays.add(file.toString(), "", header, data);
        return arrays.content();
    }
}
