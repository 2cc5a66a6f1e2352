package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.Elements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Reads what stands before the data of a GGUF file; every length is checked against the file before anything is allocated. */
final class GgufHeader {
    static final int MAGIC = 0x46554747; // "GGUF"
    static final String ALIGNMENT = "general.alignment";
    static final int STANDARD_ALIGNMENT = 32; // bytes

    private static final int MOST_VALUES = 1 << 24; // in all arrays together
    private static final int MOST_LETTERS = 1 << 28; // bytes of all strings together
    private static final int MOST_DIMENSIONS = 4;
    private static final int DEEPEST = 4; // arrays within arrays

    private final Path file;
    private final MemorySegment bytes;
    private long at;
    private long values;
    private long letters;

    GgufHeader(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** Reads all of it: the metadata, then the tensors into the given map. */
    GgufMetadata read(SequencedMap<String, GgufTensor> tensors) {
        if (bytes.byteSize() < 24) {
            throw malformed("a GGUF file must have at least 24 bytes; got " + bytes.byteSize());
        }
        int magic = integer();
        if (magic != MAGIC) {
            throw malformed("must begin with GGUF; got bytes " + Integer.toHexString(Integer.reverseBytes(magic)));
        }
        int version = integer();
        if (version != 2 && version != 3) {
            boolean swapped = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
            throw malformed("GGUF version must be 2 or 3; got "
                    + (swapped ? "one in big-endian" : Integer.toUnsignedString(version)));
        }
        long tensorCount = count("tensors", 24); // name, dimensions, type, offset
        long valueCount = count("metadata values", 13); // key, kind, value
        GgufMetadata metadata = metadata(valueCount);
        tensors(tensorCount, alignment(metadata), tensors);
        return metadata;
    }

    private int alignment(GgufMetadata metadata) {
        if (!metadata.has(ALIGNMENT)) {
            return STANDARD_ALIGNMENT;
        }
        int alignment = metadata.whole(ALIGNMENT, 1, 1 << 20);
        if (Integer.bitCount(alignment) != 1) {
            throw malformed(ALIGNMENT + " must be a power of two; got " + alignment);
        }
        return alignment;
    }

    private GgufMetadata metadata(long count) {
        SequencedMap<String, GgufValue> read = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            String key = text("the key of metadata value " + i);
            GgufKind kind = kind("'" + key + "'");
            if (read.put(key, value(key, kind, 0)) != null) {
                throw malformed("metadata keys must be distinct; got '" + key + "' twice");
            }
        }
        return new GgufMetadata(file.toString(), Collections.unmodifiableSequencedMap(read));
    }

    private GgufValue value(String key, GgufKind kind, int depth) {
        return switch (kind) {
            case UINT8 -> new GgufValue.Whole(kind, Byte.toUnsignedLong(octet()));
            case INT8 -> new GgufValue.Whole(kind, octet());
            case UINT16 -> new GgufValue.Whole(kind, bytes.get(Elements.SHORT, take(2, key)) & 0xffff);
            case INT16 -> new GgufValue.Whole(kind, bytes.get(Elements.SHORT, take(2, key)));
            case UINT32 -> new GgufValue.Whole(kind, Integer.toUnsignedLong(integer()));
            case INT32 -> new GgufValue.Whole(kind, integer());
            case FLOAT32 -> new GgufValue.Number(kind, bytes.get(Elements.FLOAT, take(4, key)));
            case BOOL -> new GgufValue.Truth(octet() != 0);
            case STRING -> new GgufValue.Text(text("'" + key + "'"));
            case ARRAY -> items(key, depth);
            case UINT64 -> new GgufValue.Whole(kind, size("'" + key + "'"));
            case INT64 -> new GgufValue.Whole(kind, bytes.get(Elements.LONG, take(8, key)));
            case FLOAT64 -> new GgufValue.Number(kind, bytes.get(Elements.DOUBLE, take(8, key)));
        };
    }

    private GgufValue items(String key, int depth) {
        if (depth == DEEPEST) {
            throw malformed("'" + key + "' must have arrays at most " + DEEPEST + " deep; got more");
        }
        GgufKind kind = kind("the items of '" + key + "'");
        long count = count("items of '" + key + "'", kind.leastBytes());
        values += count;
        if (values > MOST_VALUES) {
            throw malformed("arrays must have at most " + MOST_VALUES + " values together; got more in '" + key + "'");
        }
        List<GgufValue> items = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            items.add(value(key, kind, depth + 1));
        }
        return new GgufValue.Items(kind, items);
    }

    private void tensors(long count, int alignment, SequencedMap<String, GgufTensor> tensors) {
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        for (long i = 0; i < count; i++) {
            String name = text("the name of tensor " + i);
            if (entries.put(name, entry(name)) != null) {
                throw malformed("tensor names must be distinct; got '" + name + "' twice");
            }
        }
        long start = (at + alignment - 1) & -alignment;
        long dataBytes = Math.max(0, bytes.byteSize() - start);
        entries.forEach((name, entry) -> {
            if (entry.offset % alignment != 0) {
                throw malformed("the offset of tensor '" + name + "' must be a multiple of " + alignment + "; got "
                        + entry.offset);
            }
            long size = GgufTensor.bytes(entry.type, entry.shape);
            if (size < 0) {
                throw malformed("tensor '" + name + "' must have rows of whole blocks of " + entry.type.blockElements()
                        + " and less than 2^63 bytes; got " + entry.type + " " + entry.shape);
            }
            if (entry.offset > dataBytes || size > dataBytes - entry.offset) {
                throw malformed("tensor '" + name + "' must end within the " + dataBytes + " bytes of data; got " + size
                        + " bytes at offset " + entry.offset);
            }
            MemorySegment data = bytes.asSlice(entry.offset == 0 && size == 0 ? 0 : start + entry.offset, size);
            tensors.put(name, new GgufTensor(name, entry.type, entry.shape, data));
        });
        requireApart(tensors.values());
    }

    private void requireApart(Collection<GgufTensor> tensors) {
        List<GgufTensor> inOrder = new ArrayList<>(tensors);
        inOrder.removeIf(tensor -> tensor.data().byteSize() == 0);
        inOrder.sort(Comparator.comparingLong(tensor -> tensor.data().address()));
        for (int i = 1; i < inOrder.size(); i++) {
            GgufTensor before = inOrder.get(i - 1);
            GgufTensor tensor = inOrder.get(i);
            if (before.data().address() + before.data().byteSize()
                    > tensor.data().address()) {
                throw malformed("tensors must not overlap; got '" + before.name() + "' and '" + tensor.name() + "'");
            }
        }
    }

    private record Entry(GgufType type, List<Long> shape, long offset) {}

    private Entry entry(String name) {
        int dimensions = integer();
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
            throw malformed("tensor '" + name + "' must have at most " + MOST_DIMENSIONS + " dimensions; got "
                    + Integer.toUnsignedString(dimensions));
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            shape.addFirst(size("a size of tensor '" + name + "'"));
        }
        int code = integer();
        for (GgufType type : GgufType.values()) {
            if (type.code() == code) {
                return new Entry(type, List.copyOf(shape), size("the offset of tensor '" + name + "'"));
            }
        }
        throw malformed("tensor '" + name + "' must be " + GgufType.listed() + "; got " + GgufType.name(code));
    }

    private GgufKind kind(String what) {
        int code = integer();
        if (code < 0 || code >= GgufKind.count()) {
            throw malformed("the kind of " + what + " must be from 0 to " + (GgufKind.count() - 1) + "; got "
                    + Integer.toUnsignedString(code));
        }
        return GgufKind.of(code);
    }

    /** Reads a count of things that each take at least {@code leastBytes}. */
    private long count(String what, int leastBytes) {
        long count = size("the number of " + what);
        long most = (bytes.byteSize() - at) / leastBytes;
        if (count > most) {
            throw malformed("the " + what + " must fit in the file, which has room for " + most + "; got " + count);
        }
        return count;
    }

    private String text(String what) {
        long length = count("bytes of " + what, 1);
        letters += length;
        if (letters > MOST_LETTERS) {
            throw malformed("strings must have at most " + MOST_LETTERS + " bytes together; got more in " + what);
        }
        ByteBuffer utf8 = bytes.asSlice(take(length, what), length).asByteBuffer();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": " + what + " must be UTF-8; got other bytes", e);
        }
    }

    private long size(String what) {
        long size = bytes.get(Elements.LONG, take(8, what));
        if (size < 0) {
            throw malformed(what + " must be less than 2^63; got " + Long.toUnsignedString(size));
        }
        return size;
    }

    private int integer() {
        return bytes.get(Elements.INT, take(4, "a number"));
    }

    private byte octet() {
        return bytes.get(ValueLayout.JAVA_BYTE, take(1, "a number"));
    }

    private long take(long count, String what) {
        long start = at;
        if (count > bytes.byteSize() - at) {
            throw malformed("the file must not end within " + what + "; got " + bytes.byteSize() + " bytes");
        }
        at += count;
        return start;
    }

    private InputException malformed(String reason) {
        return new InputException(file + ": " + reason);
    }
}
