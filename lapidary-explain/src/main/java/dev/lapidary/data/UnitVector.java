package dev.lapidary.data;

import dev.lapidary.runtime.InputException;

/** Scales vectors [d] to length 1, summing squares in float64; the zero vector stays zero, so that its every cosine is 0. */
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
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        return squares == 0 ? 0 : 1 / Math.sqrt(squares);
    }
}
