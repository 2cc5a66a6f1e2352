package dev.lapidary.data;

import java.util.BitSet;

/** Checks, without trusting how a split was drawn, that its parts cover all items once and share no content. */
final class SplitCheck {
    private final Dataset data;
    private final BitSet covered = new BitSet();
    private final HashParts parts;

    private SplitCheck(Dataset data) {
        this.data = data;
        this.parts = new HashParts(data.size());
    }

    static void check(Dataset data, Split split) {
        SplitCheck check = new SplitCheck(data);
        check.part(split.train(), 1);
        check.part(split.validation(), 2);
        check.part(split.test(), 3);
        int covered = check.covered.cardinality();
        if (covered != data.size()) {
            throw new IllegalStateException("a split must cover all items; got " + covered + " of " + data.size());
        }
    }

    private void part(int[] rows, int number) {
        for (int row : rows) {
            if (covered.get(row)) {
                throw new IllegalStateException(
                        "parts of a split must be disjoint; got item " + data.id(row) + " twice");
            }
            covered.set(row);
            int before = parts.putIfAbsent(data.contentHash(row), number);
            if (before != 0 && before != number) {
                throw new IllegalStateException("parts of a split must not share content; got the content of item "
                        + data.id(row) + " in two parts");
            }
        }
    }

    /** The part in which each content hash was seen: a hash table of open addresses, at most half full. */
    private static final class HashParts {
        private final long[] hashes;
        private final byte[] parts; // 0 where free

        HashParts(int items) {
            int slots = Integer.highestOneBit(Math.max(4, Math.min(items, 1 << 28))) * 4;
            this.hashes = new long[slots];
            this.parts = new byte[slots];
        }

        /** Stores a part under a hash that has none; returns the one it had, or 0. */
        int putIfAbsent(long hash, int part) {
            int mask = parts.length - 1;
            int slot = (int) (hash ^ (hash >>> 32)) & mask;
            while (parts[slot] != 0 && hashes[slot] != hash) {
                slot = (slot + 1) & mask;
            }
            int before = parts[slot];
            if (before == 0) {
                hashes[slot] = hash;
                parts[slot] = (byte) part;
            }
            return before;
        }
    }
}
