package dev.lapidary.runtime.kernel;

/** The upper half of a float32. */
final class Bfloat16 {
    private Bfloat16() {}

    static float widen(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds a finite value to nearest, ties to even. */
    static short narrow(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
