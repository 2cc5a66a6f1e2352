package dev.lapidary.tolerance;

import org.assertj.core.data.Offset;

/**
 * How far calculated numbers may be from exact ones, whatever processor, library and order of adding calculates them.
 *
 * <p>A rounded operation errs by at most the unit u of its type, relative to its result. A sum of n terms in any order errs by at most
 * (n − 1)·u times the sum of the terms' magnitudes, and a sum of n products by n·u times that, fused or not (Higham, Accuracy and
 * Stability of Numerical Algorithms, 2002, sections 3.1 and 4.2; terms in u² are left out, as n·u stays below 1e-3 here). One sum
 * after another adds up.
 */
public final class Rounding {
    /** The unit of float32. */
    public static final double FLOAT = 0x1p-24;

    /** The unit of float64. */
    public static final double DOUBLE = 0x1p-53;

    /** The unit of bfloat16. */
    public static final double BRAIN = 0x1p-8;

    private Rounding() {}

    /**
     * Returns how far a float32 result may be from the exact one.
     *
     * @param operations how many rounded operations lie one behind the other: for a sum its terms, for sums of sums their lengths added
     * @param magnitude the sum of the magnitudes of all that is added, or a bound of it
     */
    public static double float32(long operations, double magnitude) {
        return operations * FLOAT * magnitude;
    }

    /** Returns how far a float64 result may be from the exact one, as {@link #float32} does. */
    public static double float64(long operations, double magnitude) {
        return operations * DOUBLE * magnitude;
    }

    /** Returns {@link #float32} as an offset for float32 numbers. */
    public static Offset<Float> floats(long operations, double magnitude) {
        return Offset.offset((float) float32(operations, magnitude));
    }

    /** Returns {@link #float32} as an offset for numbers that were float32. */
    public static Offset<Double> widened(long operations, double magnitude) {
        return Offset.offset(float32(operations, magnitude));
    }

    /** Returns {@link #float64} as an offset. */
    public static Offset<Double> doubles(long operations, double magnitude) {
        return Offset.offset(float64(operations, magnitude));
    }
}
