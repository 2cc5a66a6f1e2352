package dev.lapidary.linear;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.SparsityPattern;

/**
 * Packs pattern codes densely: as digits of base C(M, N), least significant first, into little-endian words of 1 to 7 bytes.
 *
 * <p>The word length is the one that takes the fewest bits per code, the shortest among equals. 2:4 packs three base-6
 * digits into each byte (0.667 bit per weight; the entropy bound is 0.646), 1:4 four digits into a byte, 4:8 nine base-70
 * digits into seven bytes. Digits of the last word that no code fills are 0.
 */
public final class PatternCodes {
    private static final int LONGEST = 7; // bytes, so that a word is a positive long

    private PatternCodes() {}

    /** Returns how many bytes the codes of some groups take. */
    public static long packedBytes(long groups, SparsityPattern pattern) {
        if (groups < 0) {
            throw new IllegalArgumentException("groups must be at least 0; got " + groups);
        }
        Words words = Words.of(pattern.count());
        return (groups / words.digits + (groups % words.digits == 0 ? 0 : 1)) * words.bytes;
    }

    /** Packs the codes of all groups, each of [0, count). */
    public static byte[] pack(byte[] codes, SparsityPattern pattern) {
        int count = pattern.count();
        Words words = Words.of(count);
        byte[] packed = new byte[Math.toIntExact(packedBytes(codes.length, pattern))];
        int at = 0;
        for (int from = 0; from < codes.length; from += words.digits) {
            long word = 0;
            for (int i = Math.min(codes.length, from + words.digits) - 1; i >= from; i--) {
                if (codes[i] < 0 || codes[i] >= count) {
                    throw new IllegalArgumentException(
                            "codes of " + pattern + " must lie in [0, " + count + "); got " + codes[i]);
                }
                word = word * count + codes[i];
            }
            for (int b = 0; b < words.bytes; b++) {
                packed[at++] = (byte) (word >>> 8 * b);
            }
        }
        return packed;
    }

    /**
     * Returns the codes of the groups; throws {@link InputException} where the length is not {@link #packedBytes} or a
     * word is none that {@link #pack} writes.
     */
    public static byte[] unpack(byte[] packed, long groups, SparsityPattern pattern) {
        if (groups < 0 || groups > Integer.MAX_VALUE - 8 || packed.length != packedBytes(groups, pattern)) {
            throw new InputException("packed " + pattern + " codes of " + groups + " groups must take "
                    + (groups < 0 ? 0 : packedBytes(groups, pattern)) + " bytes; got " + packed.length);
        }
        int count = pattern.count();
        Words words = Words.of(count);
        byte[] codes = new byte[(int) groups];
        int at = 0;
        for (int from = 0; from < codes.length; from += words.digits) {
            long word = 0;
            for (int b = words.bytes - 1; b >= 0; b--) {
                word = word << 8 | packed[at + b] & 0xFF;
            }
            at += words.bytes;
            for (int i = from; i < Math.min(codes.length, from + words.digits); i++) {
                codes[i] = (byte) (word % count);
                word /= count;
            }
            if (word != 0) {
                throw new InputException("packed " + pattern + " codes must hold digits below " + count
                        + " and end in zeros; got another word at byte " + (at - words.bytes));
            }
        }
        return codes;
    }

    /** How many digits of a base fit into a word of how many bytes. */
    private record Words(int bytes, int digits) {
        static Words of(int base) {
            Words best = new Words(1, 0);
            for (int bytes = 1; bytes <= LONGEST; bytes++) {
                int digits = digits(base, 8 * bytes);
                if (digits * best.bytes > best.digits * bytes) {
                    best = new Words(bytes, digits);
                }
            }
            return best;
        }

        /** Returns the largest d with base^d at most 2^bits. */
        private static int digits(int base, int bits) {
            int digits = 0;
            for (long room = 1L << bits; room >= base; room /= base) {
                digits++;
            }
            return digits;
        }
    }
}
