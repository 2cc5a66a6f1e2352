package dev.lapidary.runtime.file;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A memory mapped npy file: the one array {@code ""}. */
final class NpyFile implements TensorFile {
    private final Path file;
    private final NpyArrays arrays;
    private final Arena arena;

    private NpyFile(Path file, NpyArrays arrays, Arena arena) {
        this.file = file;
        this.arrays = arrays;
        this.arena = arena;
    }

    /** Reads mapped bytes; the arena passes to the file on success only. */
    static NpyFile read(Path file, MemorySegment bytes, Arena arena) throws IOException {
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
        return new NpyFile(file, arrays, arena);
    }

    @Override
    public SequencedMap<String, TensorView> tensors() {
        return arrays.tensors();
    }

    @Override
    public SequencedMap<String, List<String>> strings() {
        return arrays.strings();
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
