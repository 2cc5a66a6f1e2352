package dev.lapidary.sparsity.kernel;

/**
 * The random words of mask sampling: a pure function of (seed, stream, step, group, pattern), and the arithmetic that turns
 * them into scores, in operations that a vector lane performs alike.
 *
 * <p>Sampling needs one word per logit, so the generator must cost a few operations: {@link dev.lapidary.kernel.CounterNoise}, ten rounds of
 * Philox, would alone take as long as the whole kernel may. A word is the 32-bit counter, plus one key, through three
 * multiply-xorshift rounds (the constants of Wellons' triple32, found by searching for the least avalanche bias), with a
 * second key added after the first round. Two rounds (lowbias32) do not suffice: their words show patterns in a third of
 * all tests of pairs, some by 350 standard deviations; three show none. Both keys are hashed by SplitMix64's finaliser from
 * seed, stream, step and the number of the region of 2^20 groups, so that no counter is used twice under a key. For given
 * keys the words are a permutation of the counters. The final xorshift of triple32 only improves the lowest bits.
 *
 * <p>For 2:4 no Gumbel values are drawn at all. softmax((κπ + g)/τ) with g = −ln E, E independent and exponential, does not
 * change when all E of a group are divided by their sum, and E/ΣE is distributed exactly like the spacings of five sorted
 * uniform values: five words and a sorting network replace six words and six logarithms. Patterns with another count draw
 * Gumbel values one by one.
 */
final class MaskNoise {
    /** Groups that share a pair of keys. */
    static final int REGION_BITS = 20;

    static final int GROUP_MASK = (1 << REGION_BITS) - 1;

    static final int MULTIPLIER_1 = 0xED5AD4BB;
    static final int MULTIPLIER_2 = 0xAC4C1B51;
    static final int MULTIPLIER_3 = 0x31848BAB;

    static final int ONE = 0x3F800000;
    static final int FRACTION = 0x007FFFFF;
    static final int ORIGIN = Float.floatToRawIntBits(0x1p28f); // of logarithms, near a mean spacing of 2^31 / 6
    static final float UNIT = 0x1p-23f; // of fixed-point logarithms

    // log2(m) = (m − 1) + (m − 1)(2 − m)·S(m) for m in [1, 2), greatest error 3.7e-7; S is scaled by 2^23
    static final float S5 = -0x1.f25f2ep-7f * 0x1p23f;
    static final float S4 = 0x1.1d6ebap-3f * 0x1p23f;
    static final float S3 = -0x1.11f862p-1f * 0x1p23f;
    static final float S2 = 0x1.1dd916p+0f * 0x1p23f;
    static final float S1 = -0x1.6320e6p+0f * 0x1p23f;
    static final float S0 = 0x1.1fcd7ep+0f * 0x1p23f;

    // 2^-r for |r| <= 1/2, greatest relative error 1e-7
    static final float E5 = -0.00132765f;
    static final float E4 = 0.00967554f;
    static final float E3 = -0.05550713f;
    static final float E2 = 0.2402212f;
    static final float E1 = -0.69314697f;

    /** Adding and taking this away rounds a float below 2^22 to an integer, which its low bits then hold. */
    static final float ROUNDER = 0x1.8p23f;

    static final int MOST_HALVINGS = Float.floatToRawIntBits(126f);

    private static final long ROUNDING = 0x5DEECE66D1234567L;

    private MaskNoise() {}

    /** Returns both keys of a region: the one that is added to the counter in the low half. */
    static long keys(long seed, long stream, long step, long region) {
        return mix(mix(mix(mix(seed) + stream) + step) + region);
    }

    /** Returns the keys of the random bits that round logits to bfloat16. */
    static long roundingKeys(long seed, long stream, long step, long region) {
        return keys(seed ^ ROUNDING, stream, step, region);
    }

    /** Returns the word of a counter to which the first key was added. */
    static int word(int counter, int secondKey) {
        int x = (counter ^ counter >>> 17) * MULTIPLIER_1 + secondKey;
        x = (x ^ x >>> 11) * MULTIPLIER_2;
        return (x ^ x >>> 15) * MULTIPLIER_3;
    }

    /** Returns log2(x) − 28 in units of 2^-23 for a normal x; 0 counts as 2^-127. */
    static float log(float x) {
        int bits = Float.floatToRawIntBits(x);
        float m = Float.intBitsToFloat(bits & FRACTION | ONE);
        float bow = Math.fma(m, 3f - m, -2f); // (m − 1)(2 − m)
        float s = Math.fma(S5, m, S4);
        s = Math.fma(s, m, S3);
        s = Math.fma(s, m, S2);
        s = Math.fma(s, m, S1);
        s = Math.fma(s, m, S0);
        return Math.fma(bow, s, (float) (bits - ORIGIN));
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
