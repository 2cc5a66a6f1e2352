package dev.lapidary.runtime.kernel;

/** The upper half of a float32. */
public final class Bfloat16 {
    private Bfloat16() {}

    /** Returns the float32 with these upper bits and zeros below. */
    public static float widen(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds a finite value to nearest, ties to even. */
    public static short narrow(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
