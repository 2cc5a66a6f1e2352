package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A memory mapped safetensors file: eight bytes of header length, a JSON header, then the tensors without a hole. */
final class SafetensorsFile implements TensorFile {
    /** The longest header that the format's reference implementation accepts, in bytes. */
    static final long HEADER_LIMIT = 100_000_000L;

    private final Path file;
    private final SequencedMap<String, TensorView> tensors;
    private final Map<String, String> metadata;
    private final Arena arena;

    private SafetensorsFile(
            Path file, SequencedMap<String, TensorView> tensors, Map<String, String> metadata, Arena arena) {
        this.file = file;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
        this.metadata = metadata;
        this.arena = arena;
    }

    /** Reads the header of mapped bytes; the arena passes to the file on success only. */
    static SafetensorsFile read(Path file, MemorySegment bytes, Arena arena) {
        if (bytes.byteSize() < Long.BYTES) {
            throw new InputException(file + ": a safetensors file must have at least 8 bytes; got " + bytes.byteSize());
        }
        long length = bytes.get(Elements.LONG, 0);
        long limit = Math.min(HEADER_LIMIT, bytes.byteSize() - Long.BYTES);
        if (length < 2 || length > limit) {
            throw new InputException(file + ": must be safetensors, npy or npz; got a safetensors header length of "
                    + Long.toUnsignedString(length) + " where 2 to " + limit + " is possible");
        }
        byte[] json = bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        MemorySegment data = bytes.asSlice(Long.BYTES + length);
        SafetensorsHeader header = SafetensorsHeader.parse(file, json, data.byteSize());
        SequencedMap<String, TensorView> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment slice = data.asSlice(entry.begin(), entry.end() - entry.begin());
            slice = TensorFileOpener.aligned(slice, entry.dtype().bytes(), arena);
            tensors.put(entry.name(), new TensorView(entry.name(), entry.dtype(), entry.shape(), slice));
        }
        return new SafetensorsFile(file, tensors, header.metadata(), arena);
    }

    @Override
    public SequencedMap<String, TensorView> tensors() {
        return tensors;
    }

    @Override
    public SequencedMap<String, List<String>> strings() {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
    }

    @Override
    public Map<String, String> metadata() {
        return metadata;
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
