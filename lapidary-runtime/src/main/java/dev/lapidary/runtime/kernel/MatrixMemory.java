package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Checks and element access shared by the weight matrices. */
final class MatrixMemory {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Where packed weights start: at a cache line, which is a whole vector. */
    static final int ALIGNMENT = 64;

    /** The largest magnitude of an int8 weight before it is scaled. */
    static final float MOST = 127;

    private MatrixMemory() {}

    static void checkShape(int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new InputException(
                    "a matrix must have at least one row and one column; got " + rows + " x " + columns);
        }
    }

    static void checkSize(String name, MemorySegment memory, long bytes) {
        if (memory.byteSize() < bytes) {
            throw new InputException(name + " must hold " + bytes + " bytes; got " + memory.byteSize());
        }
    }

    /** Checks that a matrix has a row and that it fits. */
    static void checkRow(WeightMatrix matrix, int row, MemorySegment out) {
        if (row < 0 || row >= matrix.rows()) {
            throw new IllegalArgumentException("row must lie in [0, " + matrix.rows() + "); got " + row);
        }
        checkSize("out", out, 4L * matrix.columns());
    }

    /** Returns the first bytes of native memory, which must hold them. */
    static MemorySegment check(String name, MemorySegment memory, long bytes) {
        checkNative(name, memory, bytes);
        return memory.asSlice(0, bytes);
    }

    static void checkNative(String name, MemorySegment memory, long bytes) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException(name + " must be native memory; got a heap segment");
        }
        checkOpen(name, memory);
        checkSize(name, memory, bytes);
    }

    /** Checks that memory was not given back: kernels read it by address, where nobody would notice. */
    static void checkOpen(String name, MemorySegment memory) {
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException(name + " must be open; got memory of a closed arena");
        }
    }

    /** Returns the largest magnitude of n floats; throws {@link InputException} where one is not finite. */
    static float largest(MemorySegment floats, long from, int n) {
        float largest = 0;
        for (long i = from; i < from + n; i++) {
            float value = floats.getAtIndex(FLOAT, i);
            if (!Float.isFinite(value)) {
                throw new InputException("weights must be finite; got " + value + " at " + i);
            }
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** Stores a weight as element i of memory of the type. */
    static void put(WeightType type, MemorySegment data, long i, float value, float scale) {
        switch (type) {
            case F32 -> data.setAtIndex(FLOAT, i, value);
            case BF16 -> data.setAtIndex(SHORT, i, Bfloat16.narrow(value));
            case F16 -> data.setAtIndex(SHORT, i, half(value));
            case INT8 -> data.set(ValueLayout.JAVA_BYTE, i, quantise(value, scale));
        }
    }

    private static short half(float value) {
        short half = Float.floatToFloat16(value); // to nearest, ties to even
        if (Float.isInfinite(Float.float16ToFloat(half))) {
            throw new InputException("weights must be at most 65504 in magnitude to be f16; got " + value);
        }
        return half;
    }

    /** Rounds value / scale to nearest, ties to even, within ±127; 0 where the scale is 0. */
    static byte quantise(float value, float scale) {
        if (scale == 0) {
            return 0;
        }
        return (byte) Math.clamp(Math.rint((double) value / scale), -MOST, MOST);
    }
}
