package dev.lapidary.data;

import dev.lapidary.runtime.InputException;

/** Multiplies vectors [d] and scales them to length 1, summing squares in float64; the zero vector stays zero, so that its every cosine is 0. */
public final class UnitVector {
    private UnitVector() {}

    /** Returns a copy of length 1. */
    public static float[] of(float[] vector) {
        double inverse = inverseLength(vector);
        float[] unit = new float[vector.length];
        for (int j = 0; j < vector.length; j++) {
            unit[j] = (float) (vector[j] * inverse);
        }
        return unit;
    }

    /** Returns the sum of the products of two vectors [d] in float64, in order. */
    public static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += (double) a[j] * b[j];
        }
        return sum;
    }

    /** Refuses an embedding with NaN or an infinite number in it. */
    public static void requireFinite(float[] vector) {
        for (int j = 0; j < vector.length; j++) {
            if (!Float.isFinite(vector[j])) {
                throw new InputException("embeddings must be finite; got " + vector[j] + " in column " + (j + 1));
            }
        }
    }

    /** Returns 1/‖vector‖, and 0 for the zero vector. */
    public static double inverseLength(float[] vector) {
        double squares = dot(vector, vector);
        return squares == 0 ? 0 : 1 / Math.sqrt(squares);
    }
}
