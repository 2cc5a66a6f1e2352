package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The small passes of a decoder between its matrix products: norms, rotary positions, biases and residual sums.
 *
 * <p>Shapes, float32 row-major in native memory: x [rows, width]. Each row is calculated for itself and in one order, so results
 * do not depend on how many rows come at once. Vector bodies and scalar twins differ in the last bits only (relative 1e-6).
 */
public final class DecoderKernels {
    private DecoderKernels() {}

    /**
     * Writes x / √(mean(x²) + epsilon) · weight for each row.
     *
     * @param x [firstRow + rows, width] or longer
     * @param weight [width]
     * @param out [rows, width]; may be x where firstRow is 0
     * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, Root Mean Square Layer Normalization, 2019</a>
     */
    public static void rmsNorm(
            MemorySegment x, int firstRow, MemorySegment weight, MemorySegment out, Rows rows, float epsilon) {
        long from = address(x, (long) firstRow * rows.width, rows.floats());
        long to = address(out, 0, rows.floats());
        long scale = address(weight, 0, rows.width);
        for (int r = 0; r < rows.count; r++) {
            long at = 4L * r * rows.width;
            if (Simd.on()) {
                DecoderLanes.rmsNorm(from + at, scale, to + at, rows.width, epsilon);
            } else {
                DecoderScalars.rmsNorm(from + at, scale, to + at, rows.width, epsilon);
            }
        }
    }

    /**
     * Writes (x − mean) / √(variance + epsilon) · weight + bias for each row.
     *
     * @param x [firstRow + rows, width] or longer
     * @param weight and bias [width]
     * @param out [rows, width]; may be x where firstRow is 0
     * @see <a href="https://arxiv.org/abs/1607.06450">Ba et al., Layer Normalization, 2016</a>
     */
    public static void layerNorm(
            MemorySegment x,
            int firstRow,
            MemorySegment weight,
            MemorySegment bias,
            MemorySegment out,
            Rows rows,
            float epsilon) {
        long from = address(x, (long) firstRow * rows.width, rows.floats());
        long to = address(out, 0, rows.floats());
        long scale = address(weight, 0, rows.width);
        long shift = address(bias, 0, rows.width);
        for (int r = 0; r < rows.count; r++) {
            long at = 4L * r * rows.width;
            if (Simd.on()) {
                DecoderLanes.layerNorm(from + at, scale, shift, to + at, rows.width, epsilon);
            } else {
                DecoderScalars.layerNorm(from + at, scale, shift, to + at, rows.width, epsilon);
            }
        }
    }

    /** Adds y to x, both with n floats. */
    public static void add(MemorySegment x, MemorySegment y, long n) {
        add(address(x, 0, n), address(y, 0, n), n);
    }

    /** Adds a bias [width] to each row of x. */
    public static void addBias(MemorySegment x, MemorySegment bias, Rows rows) {
        long at = address(x, 0, rows.floats());
        long from = address(bias, 0, rows.width);
        for (int r = 0; r < rows.count; r++) {
            add(at + 4L * r * rows.width, from, rows.width);
        }
    }

    private static void add(long x, long y, long n) {
        if (Simd.on()) {
            DecoderLanes.add(x, y, n);
        } else {
            DecoderScalars.add(x, y, n);
        }
    }

    /**
     * Turns the pairs (i, i + headWidth/2) of every head of each row, in place: row r by the angles of position start + r.
     *
     * @param x [rows, heads, headWidth], that is rows of heads·headWidth floats
     * @param table [positions, 2, headWidth/2]: of each position first the cosines, then the sines
     * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., RoFormer, 2021</a>
     */
    public static void rotate(MemorySegment x, MemorySegment table, int start, Rows rows, int headWidth) {
        long at = address(x, 0, rows.floats());
        long angles = address(table, (long) start * headWidth, (long) rows.count * headWidth);
        int heads = rows.width / headWidth;
        for (int r = 0; r < rows.count; r++) {
            long turn = angles + 4L * r * headWidth;
            for (int h = 0; h < heads; h++) {
                long head = at + 4L * ((long) r * rows.width + (long) h * headWidth);
                if (Simd.on()) {
                    DecoderLanes.rotate(head, turn, headWidth / 2);
                } else {
                    DecoderScalars.rotate(head, turn, headWidth / 2);
                }
            }
        }
    }

    /** Returns ln Σ exp(x) over the n floats of a row of logits [rows, n]. */
    public static double logSumExp(MemorySegment logits, int row, int n) {
        long at = address(logits, (long) row * n, n);
        float largest = Simd.on() ? DecoderLanes.largest(at, n) : DecoderScalars.largest(at, 0, n);
        double sum = Simd.on() ? DecoderLanes.sumExp(at, n, largest) : DecoderScalars.sumExp(at, 0, n, largest);
        return largest + Math.log(sum);
    }

    /** Returns the address of the float at an index from which on there are n, which the segment must hold. */
    static long address(MemorySegment segment, long index, long n) {
        if (!segment.isNative() || index < 0 || n < 0 || segment.byteSize() / Float.BYTES - index < n) {
            throw new IllegalArgumentException("a native segment must hold " + n + " floats from index " + index
                    + " on; got " + segment.byteSize() + " bytes" + (segment.isNative() ? "" : " on the heap"));
        }
        return segment.address() + index * Float.BYTES;
    }

    /**
     * How many rows a pass is over, and how long each is.
     *
     * @param count rows
     * @param width floats of a row
     */
    public record Rows(int count, int width) {
        long floats() {
            return (long) count * width;
        }
    }
}
