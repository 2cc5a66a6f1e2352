package dev.lapidary.encode;

import java.util.Arrays;

/**
 * A tokenised text and the row that its embedding goes to.
 *
 * @param ids padding included
 * @param tokens those in front of the padding
 * @param truncated whether the end of the text was cut off
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never changed
record TokenRow(int row, long[] ids, int tokens, boolean truncated) {
    /** The same, padded at its end. */
    TokenRow padded(int length, long token) {
        long[] longer = Arrays.copyOf(ids, length);
        Arrays.fill(longer, tokens, length, token);
        return new TokenRow(row, longer, tokens, truncated);
    }
}
