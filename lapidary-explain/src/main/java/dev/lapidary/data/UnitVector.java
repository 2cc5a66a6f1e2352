package dev.lapidary.data;

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

    /** Returns 1/‖vector‖, and 0 for the zero vector. */
    public static double inverseLength(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        return squares == 0 ? 0 : 1 / Math.sqrt(squares);
    }
}
