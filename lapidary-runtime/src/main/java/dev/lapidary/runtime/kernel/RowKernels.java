package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Fused passes over one row of a float32 matrix: unit length, cube, norm, dot product, first maximum.
 *
 * <p>A row is {@code n} little-endian floats from a byte offset, at any alignment. Each pass reads a row once or, where it scales
 * by the row's largest number first, twice while the row is still in the first-level cache. Sums run in several partial sums, so
 * results depend on the vector width in the last bits (relative 1e-6).
 */
public final class RowKernels {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private RowKernels() {}

    /**
     * Copies a row scaled to Euclidean length |scale|, with the sign of scale; a row of zeros stays zero.
     *
     * @return the row's Euclidean length before scaling; 0 or not finite where the row has no direction
     */
    public static float unit(MemorySegment source, long from, MemorySegment target, long to, int n, float scale) {
        float largest = Simd.on() ? RowLanes.largest(source, from, n) : largest(source, from, n);
        if (largest == 0) {
            target.asSlice(to, (long) n * Float.BYTES).fill((byte) 0);
            return 0;
        }
        if (!(largest <= Float.MAX_VALUE)) {
            return largest;
        }
        // scaling by the exponent alone is exact, and keeps the squares within range
        float shift = Math.scalb(1f, -Math.getExponent(largest));
        float length = (float)
                Math.sqrt(Simd.on() ? RowLanes.squares(source, from, n, shift) : squares(source, from, n, shift));
        float factor = scale / length;
        if (Simd.on()) {
            RowLanes.scaled(source, from, target, to, n, shift, factor);
        } else {
            scaled(source, from, target, to, n, shift, factor);
        }
        return length / shift;
    }

    /**
     * Divides a row by its largest magnitude and raises it to the third power in place, so that no power of it over- or underflows.
     *
     * @return the Euclidean length of the result, at least 1; or 0 for a row of zeros, which stays as it is
     */
    public static float cube(MemorySegment row, long from, int n) {
        float largest = Simd.on() ? RowLanes.largest(row, from, n) : largest(row, from, n);
        if (largest == 0) {
            return 0;
        }
        float inverse = 1 / largest;
        return (float) Math.sqrt(Simd.on() ? RowLanes.cubed(row, from, n, inverse) : cubed(row, from, n, inverse));
    }

    /** Returns a row's Euclidean length. */
    public static float length(MemorySegment row, long from, int n) {
        return (float) Math.sqrt(Simd.on() ? RowLanes.squares(row, from, n, 1) : squares(row, from, n, 1));
    }

    /** Returns the dot product of two rows. */
    public static float dot(MemorySegment a, long fromA, MemorySegment b, long fromB, int n) {
        return Simd.on() ? RowLanes.dot(a, fromA, b, fromB, n) : dotScalar(a, fromA, b, fromB, n);
    }

    /** Adds a row to sums, [n]. */
    public static void addTo(float[] sums, MemorySegment row, long from, int n) {
        if (Simd.on()) {
            RowLanes.addTo(sums, row, from, n);
        } else {
            addToScalar(sums, row, from, n);
        }
    }

    /** Returns the index of the first largest number of a row of at least one; NaN is never the largest. */
    public static int argmax(MemorySegment row, long from, int n) {
        return Simd.on() ? RowLanes.argmax(row, from, n) : argmaxFrom(row, from, n, 0, -1);
    }

    static float largest(MemorySegment row, long from, int n) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(at(row, from, i)));
        }
        return largest;
    }

    static float squares(MemorySegment row, long from, int n, float shift) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            float value = at(row, from, i) * shift;
            sum += value * value;
        }
        return sum;
    }

    static void scaled(
            MemorySegment source, long from, MemorySegment target, long to, int n, float shift, float factor) {
        for (int i = 0; i < n; i++) {
            target.set(FLOAT, to + (long) i * Float.BYTES, at(source, from, i) * shift * factor);
        }
    }

    static float cubed(MemorySegment row, long from, int n, float inverse) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            float value = at(row, from, i) * inverse;
            float cube = value * value * value;
            sum += cube * cube;
            row.set(FLOAT, from + (long) i * Float.BYTES, cube);
        }
        return sum;
    }

    static float dotScalar(MemorySegment a, long fromA, MemorySegment b, long fromB, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += at(a, fromA, i) * at(b, fromB, i);
        }
        return sum;
    }

    static void addToScalar(float[] sums, MemorySegment row, long from, int n) {
        for (int i = 0; i < n; i++) {
            sums[i] += at(row, from, i);
        }
    }

    /** Continues a search for the first maximum at index start, where best is the answer for what stands before (-1: none). */
    static int argmaxFrom(MemorySegment row, long from, int n, int start, int best) {
        int first = best;
        float highest = best < 0 ? Float.NEGATIVE_INFINITY : at(row, from, best);
        for (int i = start; i < n; i++) {
            float value = at(row, from, i);
            if (value > highest || (first < 0 && value == highest)) {
                highest = value;
                first = i;
            }
        }
        return Math.max(first, 0);
    }

    static float at(MemorySegment row, long from, int i) {
        return row.get(FLOAT, from + (long) i * Float.BYTES);
    }
}
