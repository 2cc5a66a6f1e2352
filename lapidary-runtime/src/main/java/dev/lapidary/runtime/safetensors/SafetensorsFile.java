package dev.lapidary.runtime.safetensors;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.Elements;
import dev.lapidary.runtime.tensor.TensorContent;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** A memory mapped safetensors file: eight bytes of header length, a JSON header, then the tensors without a hole. */
public final class SafetensorsFile {
    /** The longest header that the format's reference implementation accepts, in bytes. */
    static final long HEADER_LIMIT = 100_000_000L;

    private SafetensorsFile() {}

    /** Reads the header of mapped bytes; tensors live as long as the bytes and the arena. */
    public static TensorContent read(Path file, MemorySegment bytes, Arena arena) {
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
            slice = Elements.aligned(slice, entry.dtype().bytes(), arena);
            tensors.put(entry.name(), new TensorView(entry.name(), entry.dtype(), entry.shape(), slice));
        }
        return TensorContent.of(tensors, header.metadata());
    }
}
