package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A dense weight matrix, row after row without gaps.
 *
 * <p>Memory, little-endian: weights [rows, columns] in the weight's type; scales float32, [rows] or
 * [rows, ceil(columns / 32)], for int8 only: a weight is then its byte times its scale. No alignment is needed.
 */
public final class DenseMatrix implements WeightMatrix {
    /** Columns that share a block scale. */
    public static final int BLOCK = 32;

    /** What shares a scale. */
    public enum Scaling {
        /** No scales: f32, bf16 and f16. */
        NONE,
        /** One scale a row. */
        ROW,
        /** One scale for each 32 columns of a row. */
        BLOCK;

        /** Returns the number of scales of a matrix. */
        public long count(int rows, int columns) {
            return switch (this) {
                case NONE -> 0;
                case ROW -> rows;
                case BLOCK -> (long) rows * blocks(columns);
            };
        }
    }

    private final WeightType type;
    private final Scaling scaling;
    private final int rows;
    private final int columns;
    private final MemorySegment data;
    private final @Nullable MemorySegment scales;

    private DenseMatrix(
            WeightType type,
            Scaling scaling,
            int rows,
            int columns,
            MemorySegment data,
            @Nullable MemorySegment scales) {
        MatrixMemory.checkShape(rows, columns);
        if ((type == WeightType.INT8) != (scaling != Scaling.NONE)) {
            throw new InputException(
                    "int8 weights must have scales and others none; got " + type + " with scaling " + scaling);
        }
        this.type = type;
        this.scaling = scaling;
        this.rows = rows;
        this.columns = columns;
        this.data = MatrixMemory.check("weights", data, (long) rows * columns * type.bytes());
        this.scales = scaling == Scaling.NONE || scales == null
                ? null
                : MatrixMemory.check("scales", scales, Float.BYTES * scaling.count(rows, columns));
    }

    /** Wraps float32 weights [rows, columns] in native memory. */
    public static DenseMatrix f32(int rows, int columns, MemorySegment weights) {
        return new DenseMatrix(WeightType.F32, Scaling.NONE, rows, columns, weights, null);
    }

    /** Wraps bfloat16 weights [rows, columns] in native memory. */
    public static DenseMatrix bf16(int rows, int columns, MemorySegment weights) {
        return new DenseMatrix(WeightType.BF16, Scaling.NONE, rows, columns, weights, null);
    }

    /** Wraps float16 weights [rows, columns] in native memory; each must be finite. */
    public static DenseMatrix f16(int rows, int columns, MemorySegment weights) {
        return new DenseMatrix(WeightType.F16, Scaling.NONE, rows, columns, weights, null);
    }

    /** Wraps bytes [rows, columns] and float32 scales [rows] in native memory. */
    public static DenseMatrix int8(int rows, int columns, MemorySegment weights, MemorySegment rowScales) {
        return new DenseMatrix(WeightType.INT8, Scaling.ROW, rows, columns, weights, rowScales);
    }

    /** Wraps bytes [rows, columns] and float32 scales [rows, ceil(columns / 32)] in native memory. */
    public static DenseMatrix int8Blocks(int rows, int columns, MemorySegment weights, MemorySegment blockScales) {
        return new DenseMatrix(WeightType.INT8, Scaling.BLOCK, rows, columns, weights, blockScales);
    }

    /**
     * Packs float32 weights [rows, columns] into memory of the arena: bf16 and f16 rounded to nearest, int8 with one scale a row, the
     * largest magnitude over 127. Throws {@link InputException} where a weight is not finite.
     */
    public static DenseMatrix pack(WeightType type, MemorySegment weights, int rows, int columns, Arena arena) {
        return pack(type, type == WeightType.INT8 ? Scaling.ROW : Scaling.NONE, weights, rows, columns, arena);
    }

    /** Packs as {@link #pack} does, int8 with one scale for each 32 columns of a row. */
    public static DenseMatrix packBlocks(MemorySegment weights, int rows, int columns, Arena arena) {
        return pack(WeightType.INT8, Scaling.BLOCK, weights, rows, columns, arena);
    }

    private static DenseMatrix pack(
            WeightType type, Scaling scaling, MemorySegment weights, int rows, int columns, Arena arena) {
        MatrixMemory.checkShape(rows, columns);
        MatrixMemory.checkSize("weights", weights, 4L * rows * columns);
        MemorySegment data = arena.allocate((long) rows * columns * type.bytes(), MatrixMemory.ALIGNMENT);
        long count = scaling.count(rows, columns);
        MemorySegment scales = count == 0 ? null : arena.allocate(Float.BYTES * count, MatrixMemory.ALIGNMENT);
        int span = scaling == Scaling.BLOCK ? BLOCK : columns;
        long scaleAt = 0;
        for (int row = 0; row < rows; row++) {
            for (int from = 0; from < columns; from += span, scaleAt++) {
                long at = (long) row * columns + from;
                int n = Math.min(span, columns - from);
                float scale = MatrixMemory.largest(weights, at, n) / MatrixMemory.MOST;
                if (scales != null) {
                    scales.setAtIndex(MatrixMemory.FLOAT, scaleAt, scale);
                }
                for (long i = at; i < at + n; i++) {
                    MatrixMemory.put(type, data, i, weights.getAtIndex(MatrixMemory.FLOAT, i), scale);
                }
            }
        }
        return new DenseMatrix(type, scaling, rows, columns, data, scales);
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

    /** What shares a scale. */
    public Scaling scaling() {
        return scaling;
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public MemorySegment scales() {
        return scales == null ? MemorySegment.NULL : scales;
    }

    @Override
    public void row(int row, MemorySegment out) {
        MatrixMemory.checkRow(this, row, out);
        for (int column = 0; column < columns; column++) {
            out.setAtIndex(MatrixMemory.FLOAT, column, weight(row, column));
        }
    }

    private float weight(int row, int column) {
        long i = (long) row * columns + column;
        return switch (type) {
            case F32 -> data.getAtIndex(MatrixMemory.FLOAT, i);
            case BF16 -> Bfloat16.widen(data.getAtIndex(MatrixMemory.SHORT, i));
            case F16 -> Float.float16ToFloat(data.getAtIndex(MatrixMemory.SHORT, i));
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, i) * scale(row, column);
        };
    }

    private float scale(int row, int column) {
        long i = scaling == Scaling.ROW ? row : (long) row * blocks(columns) + column / BLOCK;
        return scales().getAtIndex(MatrixMemory.FLOAT, i);
    }

    static int blocks(int columns) {
        return Math.ceilDiv(columns, BLOCK);
    }
}
