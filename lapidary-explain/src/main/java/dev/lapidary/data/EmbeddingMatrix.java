package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Holds n embeddings of d numbers each outside the Java heap, perhaps a memory mapped file.
 *
 * <p>Shape, float32 little-endian, row-major without gaps: segment [n, d]. Whoever made the matrix closes it; closing frees the
 * memory of {@link #allocate} and {@link #of(float[][])}, or closes the owner that was handed in. No segment or tensor over its
 * memory may be used afterwards.
 */
public final class EmbeddingMatrix implements AutoCloseable {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int EXPONENT = 0x7f80_0000; // all ones in NaN and the infinities only

    private final MemorySegment segment; // [n, d]
    private final int rows;
    private final int width;
    private final @Nullable AutoCloseable owner;
    private boolean closed;

    private EmbeddingMatrix(MemorySegment segment, int rows, int width, @Nullable AutoCloseable owner) {
        this.segment = segment;
        this.rows = rows;
        this.width = width;
        this.owner = owner;
    }

    /**
     * Wraps memory without copying it.
     *
     * @param f32 rows · width floats, little-endian, at any alignment
     * @param owner closed with the matrix, or null where somebody else owns the memory
     */
    public static EmbeddingMatrix of(MemorySegment f32, int rows, int width, @Nullable AutoCloseable owner) {
        long bytes = bytes(rows, width);
        if (f32.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "segment must hold rows x width floats (" + bytes + " bytes); got " + f32.byteSize() + " bytes");
        }
        return new EmbeddingMatrix(f32, rows, width, owner);
    }

    /** Copies rows of equal length. An empty array gives a matrix of shape [0, 1]. */
    public static EmbeddingMatrix of(float[][] rows) {
        EmbeddingMatrix matrix = allocate(rows.length, rows.length == 0 ? 1 : rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            matrix.set(i, rows[i]);
        }
        return matrix;
    }

    /** Returns a matrix of zeros; the caller closes it. */
    public static EmbeddingMatrix allocate(int rows, int width) {
        long bytes = bytes(rows, width);
        Arena arena = Arena.ofShared();
        return new EmbeddingMatrix(arena.allocate(bytes, 64), rows, width, arena);
    }

    private static long bytes(int rows, int width) {
        if (rows < 0 || width < 1) {
            throw new IllegalArgumentException(
                    "a matrix must have rows >= 0 and width >= 1; got rows=" + rows + ", width=" + width);
        }
        return Math.multiplyExact(Math.multiplyExact((long) rows, width), (long) Float.BYTES);
    }

    /** Number of embeddings, n. */
    public int rows() {
        return rows;
    }

    /** Numbers per embedding, d. */
    public int width() {
        return width;
    }

    /** The whole memory, [n, d] float32 little-endian; lives until {@link #close}. */
    public MemorySegment segment() {
        return segment;
    }

    /** The memory of row i, [d], without a copy. */
    public MemorySegment rowSegment(int i) {
        return segment.asSlice(offset(i), (long) width * Float.BYTES);
    }

    /** Returns a copy of row i, [d]. */
    public float[] row(int i) {
        float[] row = new float[width];
        MemorySegment.copy(segment, FLOAT, offset(i), row, 0, width);
        return row;
    }

    /** Copies values, [d], into row i. */
    public void set(int i, float[] values) {
        if (values.length != width) {
            throw new IllegalArgumentException("a row must have width " + width + "; got " + values.length);
        }
        MemorySegment.copy(values, 0, segment, FLOAT, offset(i), width);
    }

    /** Returns a new matrix of copies of the given rows, in their order; the caller closes it. */
    public EmbeddingMatrix select(int[] indices) {
        EmbeddingMatrix selected = allocate(indices.length, width);
        long rowBytes = (long) width * Float.BYTES;
        for (int i = 0; i < indices.length; i++) {
            MemorySegment.copy(segment, offset(indices[i]), selected.segment, i * rowBytes, rowBytes);
        }
        return selected;
    }

    private long offset(int i) {
        return (long) Objects.checkIndex(i, rows) * width * Float.BYTES;
    }

    /**
     * Refuses NaN and infinite numbers.
     *
     * @param what named in the message, such as the file
     * @throws InputException naming the first bad row, counted from 1
     */
    public void requireFinite(String what) {
        for (int i = 0; i < rows; i++) {
            if (!finite(offset(i))) {
                throw new InputException(what + ": embeddings must be finite; got " + firstBad(row(i)) + " in row "
                        + (i + 1) + " of " + rows);
            }
        }
    }

    private boolean finite(long offset) {
        int bad = 0;
        for (long j = 0; j < width; j++) {
            int bits = segment.get(BITS, offset + j * Float.BYTES);
            bad |= (bits & EXPONENT) + 0x0080_0000; // overflows into the sign bit for NaN and the infinities only
        }
        return bad >= 0;
    }

    private static String firstBad(float[] row) {
        for (int j = 0; j < row.length; j++) {
            if (!Float.isFinite(row[j])) {
                return row[j] + " in column " + (j + 1);
            }
        }
        return "a number that is not finite";
    }

    /** Frees the memory or closes the file under it; a second call does nothing. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (owner != null) {
                owner.close();
            }
        } catch (RuntimeException failure) {
            throw failure;
        } catch (Exception failure) {
            throw new IllegalStateException("the memory of an embedding matrix must be releasable", failure);
        }
    }
}
