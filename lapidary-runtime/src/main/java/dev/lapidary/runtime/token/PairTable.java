package dev.lapidary.runtime.token;

import java.util.Arrays;

/** The merges of a byte-pair model: which pairs of tokens become which token, and which pair goes first. Immutable once filled. */
final class PairTable {
    /** What {@link #find} returns for a pair that does not merge. */
    static final long NONE = -1;

    private final long[] pairs; // left << 32 | right, or NONE
    private final long[] merges; // rank << 32 | merged
    private final int mask;

    PairTable(int merges) {
        int slots = Integer.highestOneBit(Math.max(4, merges)) << 2; // filled to at most a half
        this.pairs = new long[slots];
        this.merges = new long[slots];
        this.mask = slots - 1;
        Arrays.fill(pairs, NONE);
    }

    /** Lets a pair become a token; one that is there already is replaced. */
    void put(int left, int right, int rank, int merged) {
        int slot = slot(key(left, right));
        pairs[slot] = key(left, right);
        merges[slot] = key(rank, merged);
    }

    /** Returns rank &lt;&lt; 32 | merged of a pair, or {@link #NONE}. */
    long find(int left, int right) {
        long pair = key(left, right);
        int slot = slot(pair);
        return pairs[slot] == pair ? merges[slot] : NONE;
    }

    private int slot(long pair) {
        long mixed = pair * 0x9e3779b97f4a7c15L;
        int slot = (int) (mixed >>> 32) & mask;
        while (pairs[slot] != pair && pairs[slot] != NONE) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static long key(int high, int low) {
        return (long) high << 32 | low; // both are at least 0
    }
}
