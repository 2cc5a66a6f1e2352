package dev.lapidary.runtime.gguf;

/** The kinds of metadata values in a GGUF file, in the order of their codes. */
public enum GgufKind {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    /** A length of eight bytes, then UTF-8. */
    STRING(8),
    /** A kind of four bytes and a count of eight, then the values. */
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private final int leastBytes;

    GgufKind(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    /** Returns the bytes that a value takes at least. */
    int leastBytes() {
        return leastBytes;
    }
}
