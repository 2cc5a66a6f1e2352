package dev.lapidary.kernel;

/**
 * The block function Philox4x32-10: ten rounds of two 32-bit multiplications turn a 128-bit counter and a 64-bit key into
 * 128 random bits.
 *
 * @see <a href="https://doi.org/10.1145/2063384.2063405">Salmon et al., Parallel random numbers: as easy as 1, 2, 3,
 *     SC 2011</a>
 */
final class Philox {
    static final int ROUNDS = 10;
    static final long M0 = 0xD2511F53L;
    static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /** Returns the round keys [ROUNDS, 2] of a 64-bit key, as unsigned 32-bit values: k0 and k1 in turn. */
    static long[] schedule(long key) {
        long[] keys = new long[2 * ROUNDS];
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int r = 0; r < ROUNDS; r++) {
            keys[2 * r] = k0 & LOW;
            keys[2 * r + 1] = k1 & LOW;
            k0 += W0;
            k1 += W1;
        }
        return keys;
    }

    /**
     * Writes the four words of one block to out[at], out[at + stride], out[at + 2·stride] and out[at + 3·stride].
     *
     * @param keys {@link #schedule} of the key
     * @param low counter words 0 (low half) and 1
     * @param high counter words 2 (low half) and 3
     */
    static void block(long[] keys, long low, long high, int[] out, int at, int stride) {
        long c0 = low & LOW;
        long c1 = low >>> 32;
        long c2 = high & LOW;
        long c3 = high >>> 32;
        for (int r = 0; r < ROUNDS; r++) {
            long p0 = M0 * c0;
            long p1 = M1 * c2;
            c0 = (p1 >>> 32) ^ c1 ^ keys[2 * r];
            c1 = p1 & LOW;
            c2 = (p0 >>> 32) ^ c3 ^ keys[2 * r + 1];
            c3 = p0 & LOW;
        }
        out[at] = (int) c0;
        out[at + stride] = (int) c1;
        out[at + 2 * stride] = (int) c2;
        out[at + 3 * stride] = (int) c3;
    }
}
