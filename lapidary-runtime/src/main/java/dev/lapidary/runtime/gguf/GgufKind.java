package dev.lapidary.runtime.gguf;

/** The kinds of metadata values in a GGUF file, in the order of their codes. */
public enum GgufKind {
    /** A whole number from 0 to 255. */
    UINT8(1),
    /** A whole number of 8 bits with its sign. */
    INT8(1),
    /** A whole number from 0 to 65,535. */
    UINT16(2),
    /** A whole number of 16 bits with its sign. */
    INT16(2),
    /** A whole number from 0 to 2^32 - 1. */
    UINT32(4),
    /** A whole number of 32 bits with its sign. */
    INT32(4),
    /** A number of single precision. */
    FLOAT32(4),
    /** One byte: 1 for true, 0 for false. */
    BOOL(1),
    /** A length of eight bytes, then UTF-8. */
    STRING(8),
    /** A kind of four bytes and a count of eight, then the values. */
    ARRAY(12),
    /** A whole number from 0 to 2^64 - 1. */
    UINT64(8),
    /** A whole number of 64 bits with its sign. */
    INT64(8),
    /** A number of double precision. */
    FLOAT64(8);

    private final int leastBytes;

    GgufKind(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    /** Returns the number that stands for this kind in a file. */
    @SuppressWarnings("EnumOrdinal") // the constants are in the order of the format's codes
    int code() {
        return ordinal();
    }

    /** Returns the kind with a code from 0 to {@link #count()} - 1. */
    @SuppressWarnings("EnumOrdinal")
    static GgufKind of(int code) {
        return values()[code];
    }

    /** Returns how many kinds there are. */
    static int count() {
        return values().length;
    }

    /** Returns the bytes that a value takes at least. */
    int leastBytes() {
        return leastBytes;
    }
}
