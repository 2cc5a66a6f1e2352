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
            MemorySegment x, int firstRow, MemorySegment weight, MemorySegment out, int rows, float epsilon) {
        int width = width(weight);
        long from = address(x, (long) firstRow * width, (long) rows * width);
        long to = address(out, 0, (long) rows * width);
        long scale = weight.address();
        for (int r = 0; r < rows; r++) {
            long at = 4L * r * width;
            if (Simd.on()) {
                DecoderLanes.rmsNorm(from + at, scale, to + at, width, epsilon);
            } else {
                DecoderScalars.rmsNorm(from + at, scale, to + at, width, epsilon);
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
            int rows,
            float epsilon) {
        int width = width(weight);
        long from = address(x, (long) firstRow * width, (long) rows * width);
        long to = address(out, 0, (long) rows * width);
        long scale = weight.address();
        long shift = address(bias, 0, width);
        for (int r = 0; r < rows; r++) {
            long at = 4L * r * width;
            if (Simd.on()) {
                DecoderLanes.layerNorm(from + at, scale, shift, to + at, width, epsilon);
            } else {
                DecoderScalars.layerNorm(from + at, scale, shift, to + at, width, epsilon);
            }
        }
    }

    /** Adds y to x, both with n floats. */
    public static void add(MemorySegment x, MemorySegment y, long n) {
        add(address(x, 0, n), address(y, 0, n), n);
    }

    /** Adds a bias [width] to each row of x [rows, width]. */
    public static void addBias(MemorySegment x, MemorySegment bias, int rows) {
        int width = width(bias);
        long at = address(x, 0, (long) rows * width);
        long from = bias.address();
        for (int r = 0; r < rows; r++) {
            add(at + 4L * r * width, from, width);
        }
    }

    private static void add(long x, long y, long n) {
        if (Simd.on()) {
            DecoderLanes.add(x, y, n);
        } else {
            DecoderScalars.add(x, y, n);
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

    private static int width(MemorySegment vector) {
        int width = Math.toIntExact(vector.byteSize() / Float.BYTES);
        address(vector, 0, width);
        return width;
    }
}
