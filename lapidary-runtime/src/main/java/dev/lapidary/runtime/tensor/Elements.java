package dev.lapidary.runtime.tensor;

import dev.lapidary.runtime.kernel.Bfloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads single elements of little-endian data at any address. */
public final class Elements {
    /** A float64 at any address. */
    public static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** A float32 at any address. */
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** A 64-bit integer at any address. */
    public static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** A 32-bit integer at any address. */
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** A 16-bit integer at any address. */
    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Elements() {}

    /** Returns an element as a double; only I64 can lose digits. */
    public static double number(MemorySegment data, DType dtype, long index) {
        return switch (dtype) {
            case F64 -> data.getAtIndex(DOUBLE, index);
            case F32 -> data.getAtIndex(FLOAT, index);
            case F16 -> Float.float16ToFloat(data.getAtIndex(SHORT, index));
            case BF16 -> Bfloat16.widen(data.getAtIndex(SHORT, index));
            case I64, I32, I16, I8, U8, BOOL -> integer(data, dtype, index);
        };
    }

    /** Returns an element of an integer type. */
    public static long integer(MemorySegment data, DType dtype, long index) {
        return switch (dtype) {
            case I64 -> data.getAtIndex(LONG, index);
            case I32 -> data.getAtIndex(INT, index);
            case I16 -> data.getAtIndex(SHORT, index);
            case I8 -> data.get(ValueLayout.JAVA_BYTE, index);
            case U8 -> Byte.toUnsignedLong(data.get(ValueLayout.JAVA_BYTE, index));
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
            case F64, F32, F16, BF16 -> throw new IllegalArgumentException("dtype must be an integer; got " + dtype);
        };
    }

    /** Returns the bytes at an address that is a multiple of the element size, copied only where they are not already. */
    public static MemorySegment aligned(MemorySegment bytes, int elementBytes, Arena arena) {
        if (bytes.address() % elementBytes == 0) {
            return bytes;
        }
        return arena.allocate(bytes.byteSize(), elementBytes).copyFrom(bytes).asReadOnly();
    }
}
