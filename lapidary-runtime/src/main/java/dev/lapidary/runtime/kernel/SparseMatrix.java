package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A 2:4 weight matrix: of every four consecutive columns of a row the two survivors and two bits each for where they stand.
 *
 * <p>Memory as {@link SparseLayout} says, 17 bits per weight of the dense matrix in float32, 9 in bfloat16, 5 in int8; int8
 * has float32 scales [rows] beside. Survivors come from pattern codes, never from zeros: a kept weight may well be 0.
 */
public final class SparseMatrix implements WeightMatrix {
    private final WeightType type;
    private final int rows;
    private final int columns;
    private final SparseLayout layout;
    private final MemorySegment data;
    private final @Nullable MemorySegment scales;

    private SparseMatrix(WeightType type, int rows, int columns, MemorySegment data, @Nullable MemorySegment scales) {
        this.layout = new SparseLayout(type, rows, columns);
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.data = MatrixMemory.check("weights", data, layout.bytes());
        this.scales = scales == null ? null : MatrixMemory.check("scales", scales, 4L * rows);
    }

    /** Wraps packed weights of {@link #dataBytes} bytes in native memory; f32 and bf16 only. */
    public static SparseMatrix of(WeightType type, int rows, int columns, MemorySegment data) {
        if (type == WeightType.INT8) {
            throw new IllegalArgumentException("type must be f32 or bf16 without scales; got int8");
        }
        return new SparseMatrix(type, rows, columns, data, null);
    }

    /** Wraps packed bytes of {@link #dataBytes} bytes and float32 scales [rows] in native memory. */
    public static SparseMatrix int8(int rows, int columns, MemorySegment data, MemorySegment rowScales) {
        return new SparseMatrix(WeightType.INT8, rows, columns, data, rowScales);
    }

    /** Returns the bytes of a packed matrix without scales; columns must be a multiple of 4. */
    public static long dataBytes(WeightType type, int rows, int columns) {
        return new SparseLayout(type, rows, columns).bytes();
    }

    /**
     * Packs the survivors of float32 weights [rows, columns] into memory of the arena; int8 with one scale a row, the largest
     * magnitude of its survivors over 127.
     *
     * @param weights what is not kept may be anything, even not finite
     * @param codes [rows · columns / 4], a pattern code of {@link SparsityPattern#TWO_OF_FOUR} per group, row after row
     */
    public static SparseMatrix pack(
            WeightType type, MemorySegment weights, byte[] codes, int rows, int columns, Arena arena) {
        SparseLayout layout = new SparseLayout(type, rows, columns);
        MatrixMemory.checkSize("weights", weights, 4L * rows * columns);
        if (codes.length != (long) rows * columns / 4) {
            throw new InputException(
                    "codes must be one per group, " + (long) rows * columns / 4 + "; got " + codes.length);
        }
        MemorySegment data = arena.allocate(layout.bytes(), MatrixMemory.ALIGNMENT);
        MemorySegment scales = type == WeightType.INT8 ? arena.allocate(4L * rows, MatrixMemory.ALIGNMENT) : null;
        for (int row = 0; row < rows; row++) {
            float scale = layout.largestKept(weights, codes, row) / MatrixMemory.MOST;
            if (scales != null) {
                scales.setAtIndex(MatrixMemory.FLOAT, row, scale);
            }
            layout.packRow(weights, codes, row, scale, data);
        }
        return new SparseMatrix(type, rows, columns, data, scales);
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public WeightType type() {
        return type;
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public MemorySegment scales() {
        return scales == null ? MemorySegment.NULL : scales;
    }

    /** Returns the pattern code of each group [rows · columns / 4], row after row; −1 where the memory holds no pattern. */
    public byte[] codes() {
        byte[] codes = new byte[Math.toIntExact((long) rows * columns / 4)];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = layout.code(data, i / (columns / 4), i % (columns / 4));
        }
        return codes;
    }

    /** Whether what pads its rows and groups is 0: kernels may skip padding or add it, and must give the same. */
    public boolean padsWithZeros() {
        return layout.padsWithZeros(data);
    }

    @Override
    public void row(int row, MemorySegment out) {
        MatrixMemory.checkRow(this, row, out);
        float scale = scales == null ? 1 : scales.getAtIndex(MatrixMemory.FLOAT, row);
        for (int group = 0; group < columns / 4; group++) {
            for (int column = 4 * group; column < 4 * group + 4; column++) {
                out.setAtIndex(MatrixMemory.FLOAT, column, 0f);
            }
            for (int survivor = 0; survivor < 2; survivor++) {
                int column = 4 * group + layout.column(data, row, group, survivor);
                out.setAtIndex(MatrixMemory.FLOAT, column, scale * layout.value(data, row, group, survivor));
            }
        }
    }

    SparseLayout layout() {
        return layout;
    }
}
