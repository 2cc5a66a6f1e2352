package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufTensor;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * The weights of a GGUF file without loss: F32, BF16 and F16 where they lie in the file, Q8_0 and Q4_0 as signed bytes
 * with the scales of their blocks. What is converted, and the rows that the file has in another order, are copied into memory.
 */
final class GgufWeights implements DecoderWeights {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long EXPONENTS = 0x7c00_7c00_7c00_7c00L; // of four float16
    private static final long LOWEST = 0x0400_0400_0400_0400L; // bits of the exponents
    private static final long SIGNS = 0x8000_8000_8000_8000L;

    private final GgufModel model;
    private final Arena arena = Arena.ofShared();

    /** Closes the model when it is closed itself. */
    GgufWeights(GgufModel model) {
        this.model = model;
    }

    @Override
    public WeightMatrix matrix(String name) {
        GgufTensor tensor = model.tensor(name);
        List<Long> shape = Objects.requireNonNull(model.shapes().get(name));
        int rows = Math.toIntExact(shape.get(0));
        int columns = Math.toIntExact(shape.get(1));
        return switch (tensor.type()) {
            case F32 -> DenseMatrix.f32(rows, columns, stored(name, tensor, rows));
            case BF16 -> DenseMatrix.bf16(rows, columns, stored(name, tensor, rows));
            case F16 -> {
                requireFinite(tensor);
                yield DenseMatrix.f16(rows, columns, stored(name, tensor, rows));
            }
            case Q8_0, Q4_0 -> blocks(name, tensor, rows, columns);
        };
    }

    /** Refuses a float16 without end: products know finite ones only. */
    private static void requireFinite(GgufTensor tensor) {
        MemorySegment data = tensor.data();
        long words = data.byteSize() / Long.BYTES;
        long endless = 0;
        for (long i = 0; i < words; i++) { // four at once: an exponent of ones carries into the place of the sign
            endless |= (data.get(WORD, Long.BYTES * i) & EXPONENTS) + LOWEST & SIGNS;
        }
        for (long at = Long.BYTES * words; at < data.byteSize(); at += Short.BYTES) {
            endless |= (data.get(HALF, at) & EXPONENTS) + LOWEST & SIGNS;
        }
        if (endless != 0) {
            throw new InputException("tensor '" + tensor.name() + "' must have finite numbers; got one that is not");
        }
    }

    /** The file's bytes, in the checkpoint's order of rows. */
    private MemorySegment stored(String name, GgufTensor tensor, int rows) {
        if (!GgufNames.interleaved(model.config().family(), name)) {
            return tensor.data();
        }
        long rowBytes = tensor.data().byteSize() / rows;
        MemorySegment ordered = NativeMemory.bytes(arena, tensor.data().byteSize());
        for (int row = 0; row < rows; row++) {
            long from = GgufNames.fileRow(model.config(), name, row) * rowBytes;
            MemorySegment.copy(tensor.data(), from, ordered, row * rowBytes, rowBytes);
        }
        return ordered;
    }

    private DenseMatrix blocks(String name, GgufTensor tensor, int rows, int columns) {
        int blocks = columns / GgufType.Q8_0.blockElements();
        MemorySegment bytes = NativeMemory.bytes(arena, (long) rows * columns);
        MemorySegment scales = NativeMemory.floats(arena, (long) rows * blocks);
        for (int row = 0; row < rows; row++) {
            long fileRow = GgufNames.fileRow(model.config(), name, row);
            tensor.quantisedRow(fileRow, bytes, (long) row * columns, scales, (long) row * blocks);
        }
        return DenseMatrix.int8Blocks(rows, columns, bytes, scales);
    }

    @Override
    public float[] vector(String name) {
        float[] values = new float
                [Math.toIntExact(
                        Objects.requireNonNull(model.shapes().get(name)).getFirst())];
        model.row(name, 0, values);
        return values;
    }

    @Override
    public void requireWhole() {
        model.requireWhole();
    }

    @Override
    public void close() {
        arena.close();
        model.close();
    }
}
