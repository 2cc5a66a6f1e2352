package dev.lapidary.runtime.tensor;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A named tensor in memory, little-endian and row-major, without a copy where it comes from a file.
 *
 * <p>Views of an opened {@link dev.lapidary.runtime.tensorfile.TensorFile} live until that file is closed; reading one later throws {@link
 * IllegalStateException}. Views made by {@code of} own native memory that the garbage collector frees. In both, {@code data}
 * starts at a multiple of the element size. Two views are equal when they show the same memory, not when their numbers are
 * equal.
 *
 * @param name unique within its file
 * @param dtype type of every element
 * @param shape sizes, none negative; empty for a scalar
 * @param data exactly {@code count() * dtype.bytes()} bytes
 */
public record TensorView(String name, DType dtype, List<Long> shape, MemorySegment data) {
    /** The longest array that every JVM can allocate. */
    public static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** Checks that the data is as long as shape and type say. */
    public TensorView {
        shape = List.copyOf(shape);
        long bytes = Shapes.bytes(shape, dtype.bytes());
        if (bytes < 0 || data.byteSize() != bytes) {
            throw new IllegalArgumentException("data of " + name + " must be as long as " + dtype + " " + shape
                    + " says; got " + data.byteSize() + " bytes");
        }
    }

    /** Copies values into a tensor F32 [shape]. */
    public static TensorView of(String name, float[] values, long... shape) {
        MemorySegment data = allocate(values.length, DType.F32);
        MemorySegment.copy(values, 0, data, Elements.FLOAT, 0, values.length);
        return new TensorView(name, DType.F32, Shapes.list(shape), data);
    }

    /** Copies values into a tensor F64 [shape]. */
    public static TensorView of(String name, double[] values, long... shape) {
        MemorySegment data = allocate(values.length, DType.F64);
        MemorySegment.copy(values, 0, data, Elements.DOUBLE, 0, values.length);
        return new TensorView(name, DType.F64, Shapes.list(shape), data);
    }

    /** Copies values into a tensor I64 [shape]. */
    public static TensorView of(String name, long[] values, long... shape) {
        MemorySegment data = allocate(values.length, DType.I64);
        MemorySegment.copy(values, 0, data, Elements.LONG, 0, values.length);
        return new TensorView(name, DType.I64, Shapes.list(shape), data);
    }

    /** Copies values into a tensor I32 [shape]. */
    public static TensorView of(String name, int[] values, long... shape) {
        MemorySegment data = allocate(values.length, DType.I32);
        MemorySegment.copy(values, 0, data, Elements.INT, 0, values.length);
        return new TensorView(name, DType.I32, Shapes.list(shape), data);
    }

    /** Copies values into a tensor U8 [shape]; a negative byte stands for itself plus 256. */
    public static TensorView of(String name, byte[] values, long... shape) {
        MemorySegment data = allocate(values.length, DType.U8);
        MemorySegment.copy(values, 0, data, ValueLayout.JAVA_BYTE, 0, values.length);
        return new TensorView(name, DType.U8, Shapes.list(shape), data);
    }

    private static MemorySegment allocate(int count, DType dtype) {
        return Arena.ofAuto().allocate((long) count * dtype.bytes(), Long.BYTES);
    }

    /** Returns the number of elements, 1 for a scalar. */
    public long count() {
        return data.byteSize() / dtype.bytes();
    }

    /**
     * Copies the elements as floats [count], each rounded to the nearest; NaN stays NaN, booleans become 0 and 1.
     *
     * @throws InputException where there are more elements than an array holds; read those through {@link #data}
     */
    public float[] toFloats() {
        float[] values = new float[arrayLength()];
        if (dtype == DType.F32) {
            MemorySegment.copy(data, Elements.FLOAT, 0, values, 0, values.length);
        } else if (dtype == DType.I64) {
            // not by way of double, which would round twice
            for (int i = 0; i < values.length; i++) {
                values[i] = Elements.integer(data, dtype, i);
            }
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Elements.number(data, dtype, i);
            }
        }
        return values;
    }

    /**
     * Copies the elements as doubles [count], exact for every type but I64 beyond 2^53.
     *
     * @throws InputException where there are more elements than an array holds; read those through {@link #data}
     */
    public double[] toDoubles() {
        double[] values = new double[arrayLength()];
        if (dtype == DType.F64) {
            MemorySegment.copy(data, Elements.DOUBLE, 0, values, 0, values.length);
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = Elements.number(data, dtype, i);
            }
        }
        return values;
    }

    /**
     * Copies the elements as longs [count]; floating point elements must be whole.
     *
     * @throws InputException where an element is not a whole number that fits, or there are more elements than an array holds
     */
    public long[] toLongs() {
        long[] values = new long[arrayLength()];
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype.floating() ? whole(Elements.number(data, dtype, i), i) : Elements.integer(data, dtype, i);
        }
        return values;
    }

    /**
     * Copies the elements as bytes [count]; those of U8 above 127 come out negative.
     *
     * @throws InputException where the elements are not of one byte, or there are more than an array holds
     */
    public byte[] toBytes() {
        if (dtype.bytes() != 1) {
            throw new InputException("tensor '" + name + "' must have elements of one byte; got " + dtype);
        }
        byte[] values = new byte[arrayLength()];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, values, 0, values.length);
        return values;
    }

    private long whole(double value, int index) {
        // 2^63 itself does not fit; NaN fails both comparisons
        if (value >= -0x1p63 && value < 0x1p63 && value == Math.rint(value)) {
            return (long) value;
        }
        throw new InputException(
                "tensor '" + name + "' must hold whole numbers; got " + value + " at position " + index);
    }

    private int arrayLength() {
        if (count() > MAX_ARRAY) {
            throw new InputException("tensor '" + name + "' must have at most " + MAX_ARRAY
                    + " elements to be copied to an array; got " + count());
        }
        return (int) count();
    }

    /** Returns name, type and shape, such as {@code weight F32 [4, 8]}. */
    @Override
    public String toString() {
        return name + " " + dtype + " " + new ArrayList<>(shape);
    }
}
