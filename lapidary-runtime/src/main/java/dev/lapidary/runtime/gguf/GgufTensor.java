package dev.lapidary.runtime.gguf;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.Bfloat16;
import dev.lapidary.runtime.tensor.Elements;
import dev.lapidary.runtime.tensor.Shapes;
import dev.lapidary.runtime.tensor.TensorView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A named tensor of a GGUF file, in rows along its last dimension.
 *
 * @param name unique within its file
 * @param type of every block
 * @param shape sizes, outermost first (the file has them innermost first); none negative, at most four
 * @param data the rows one after the other, little-endian; lives until the file is closed
 */
public record GgufTensor(String name, GgufType type, List<Long> shape, MemorySegment data) {
    /** Checks that the data is as long as shape and type say. */
    public GgufTensor {
        shape = List.copyOf(shape);
        long bytes = bytes(type, shape);
        if (bytes < 0 || data.byteSize() != bytes) {
            throw new IllegalArgumentException("data of " + name + " must be as long as " + type + " " + shape
                    + " says; got " + data.byteSize() + " bytes");
        }
    }

    /** Returns the bytes of a tensor, or -1 where rows are no whole blocks or the number does not fit 63 bits. */
    static long bytes(GgufType type, List<Long> shape) {
        long columns = shape.isEmpty() ? 1 : shape.getLast();
        if (columns % type.blockElements() != 0) {
            return -1;
        }
        List<Long> rows = shape.isEmpty() ? shape : shape.subList(0, shape.size() - 1);
        long rowBytes = Shapes.bytes(List.of(columns / type.blockElements()), type.blockBytes());
        return rowBytes < 0 ? -1 : Shapes.bytes(rows, rowBytes);
    }

    /** Returns the size of the last dimension, 1 for a scalar. */
    public long columns() {
        return shape.isEmpty() ? 1 : shape.getLast();
    }

    /** Returns the product of the other dimensions. */
    public long rows() {
        return shape.isEmpty() ? 1 : shape.subList(0, shape.size() - 1).stream().reduce(1L, (a, b) -> a * b);
    }

    /** Writes one row [columns] as single precision to {@code out[from, from + columns)}. */
    public void row(long row, float[] out, int from) {
        if (row < 0 || row >= rows() || from < 0 || from > out.length - columns()) {
            throw new IndexOutOfBoundsException(
                    "row " + row + " of " + this + " must exist and fit an array of " + out.length + " from " + from);
        }
        long rowBytes = columns() / type.blockElements() * type.blockBytes();
        decode(data.asSlice(row * rowBytes, rowBytes), out, from);
    }

    /**
     * Writes one row of Q8_0 or Q4_0 without loss as signed bytes, each to be multiplied by the scale of its block.
     *
     * @param bytes [columns] are written from index at on
     * @param scales float32 [columns / 32], written from index block on
     */
    public void quantisedRow(long row, MemorySegment bytes, long at, MemorySegment scales, long block) {
        if (type != GgufType.Q8_0 && type != GgufType.Q4_0) {
            throw new IllegalArgumentException("the type must be Q8_0 or Q4_0; got " + this);
        }
        long blocks = columns() / type.blockElements();
        for (long b = 0; b < blocks; b++) {
            long from = (row * blocks + b) * type.blockBytes();
            float scale = Float.float16ToFloat(data.get(Elements.SHORT, from));
            scales.setAtIndex(Elements.FLOAT, block + b, scale);
            for (int i = 0; i < type.blockElements(); i++) {
                long element = at + b * type.blockElements() + i;
                bytes.set(ValueLayout.JAVA_BYTE, element, type == GgufType.Q8_0 ? whole(from, i) : nibble(from, i));
            }
        }
    }

    private byte whole(long block, int i) {
        return data.get(ValueLayout.JAVA_BYTE, block + 2 + i);
    }

    private byte nibble(long block, int i) {
        int pair = data.get(ValueLayout.JAVA_BYTE, block + 2 + i % 16);
        return (byte) ((i < 16 ? pair & 0xf : pair >> 4 & 0xf) - 8);
    }

    /**
     * Copies all elements as single precision, row-major.
     *
     * @throws InputException where there are more than an array holds
     */
    public float[] toFloats() {
        long count = data.byteSize() / type.blockBytes() * type.blockElements();
        if (count > TensorView.MAX_ARRAY) {
            throw new InputException("tensor '" + name + "' must have at most " + TensorView.MAX_ARRAY
                    + " elements to be copied to an array; got " + count);
        }
        float[] values = new float[(int) count];
        decode(data, values, 0);
        return values;
    }

    private void decode(MemorySegment bytes, float[] out, int from) {
        switch (type) {
            case F32 -> MemorySegment.copy(bytes, Elements.FLOAT, 0, out, from, (int) (bytes.byteSize() / Float.BYTES));
            case F16 -> {
                for (int i = 0; i < bytes.byteSize() / Short.BYTES; i++) {
                    out[from + i] = Float.float16ToFloat(bytes.getAtIndex(Elements.SHORT, i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < bytes.byteSize() / Short.BYTES; i++) {
                    out[from + i] = Bfloat16.widen(bytes.getAtIndex(Elements.SHORT, i));
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < bytes.byteSize() / type.blockBytes(); i++) {
                    decodeBytes(bytes, (long) i * type.blockBytes(), out, from + i * type.blockElements());
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < bytes.byteSize() / type.blockBytes(); i++) {
                    decodeNibbles(bytes, (long) i * type.blockBytes(), out, from + i * type.blockElements());
                }
            }
        }
    }

    private static void decodeBytes(MemorySegment bytes, long block, float[] out, int from) {
        float scale = Float.float16ToFloat(bytes.get(Elements.SHORT, block));
        for (int i = 0; i < 32; i++) {
            out[from + i] = scale * bytes.get(ValueLayout.JAVA_BYTE, block + 2 + i);
        }
    }

    private static void decodeNibbles(MemorySegment bytes, long block, float[] out, int from) {
        float scale = Float.float16ToFloat(bytes.get(Elements.SHORT, block));
        for (int i = 0; i < 16; i++) {
            int pair = bytes.get(ValueLayout.JAVA_BYTE, block + 2 + i);
            out[from + i] = scale * ((pair & 0xf) - 8);
            out[from + i + 16] = scale * ((pair >> 4 & 0xf) - 8);
        }
    }

    /** Returns name, type and shape, such as {@code output.weight Q8_0 [4, 32]}. */
    @Override
    public String toString() {
        return name + " " + type + " " + shape;
    }
}
