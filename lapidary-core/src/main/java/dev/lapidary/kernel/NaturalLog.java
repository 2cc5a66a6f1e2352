package dev.lapidary.kernel;

/**
 * The natural logarithm of a positive normal float, in operations that a vector lane performs in the same way: the same bits from
 * this scalar form and from {@link NoiseLanes} at every width.
 *
 * <p>Writes x = 2^e·(1 + f) with 1 + f in [2/3, 4/3), so that f is exact and no quotient is needed, and returns
 * e·ln 2 + f + f²·Q(f). Q has degree 8 and is fitted to (ln(1 + f) − f)/f² with the least greatest relative error of the
 * logarithm (4.5e-9). Greatest error against {@link StrictMath#log} over [2^-25, 2^5): 0.97 ulp.
 */
public final class NaturalLog {
    /** Bits of the float 2/3, rounded up: where an octave starts. */
    static final int START = 0x3F2AAAAB;

    static final int EXPONENT = 0xFF800000;

    static final float LN2_HIGH = 0.693145752f; // 15 bits, so that a product with an exponent is exact
    static final float LN2_LOW = 1.42860677e-6f;

    static final float Q0 = -0.5f;
    static final float Q1 = 0.3333321f;
    static final float Q2 = -0.24999717f;
    static final float Q3 = 0.20010747f;
    static final float Q4 = -0.16682306f;
    static final float Q5 = 0.14001164f;
    static final float Q6 = -0.121671565f;
    static final float Q7 = 0.1400474f;
    static final float Q8 = -0.12948951f;

    private NaturalLog() {}

    /** Returns ln x for positive, normal, finite x; anything else gives no meaningful result. */
    public static float of(float x) {
        int bits = Float.floatToRawIntBits(x);
        int octave = (bits - START) & EXPONENT;
        float e = octave >> 23;
        float f = Float.intBitsToFloat(bits - octave) - 1f;
        float square = f * f;
        // even and odd halves: two short chains of dependent operations in place of one long one
        float even = Math.fma(Math.fma(Math.fma(Math.fma(Q8, square, Q6), square, Q4), square, Q2), square, Q0);
        float odd = Math.fma(Math.fma(Math.fma(Q7, square, Q5), square, Q3), square, Q1);
        float q = Math.fma(odd, f, even);
        float rest = Math.fma(q, square, e * LN2_LOW);
        return Math.fma(e, LN2_HIGH, f + rest);
    }
}
