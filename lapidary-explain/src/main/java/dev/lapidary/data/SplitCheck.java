package dev.lapidary.data;

import java.util.BitSet;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;

/** Checks, without trusting how a split was drawn, that its parts cover all items once and share no content. */
final class SplitCheck {
    private final IntToLongFunction contents;
    private final IntFunction<String> ids;
    private final BitSet covered = new BitSet();
    private final HashParts parts;

    private SplitCheck(int items, IntToLongFunction contents, IntFunction<String> ids) {
        this.contents = contents;
        this.ids = ids;
        this.parts = new HashParts(items);
    }

    static void check(Dataset data, Split split) {
        check(data.size(), data::contentHash, data::id, split.train(), split.validation(), split.test());
    }

    /** Checks parts of units. */
    static void check(SplitUnits units, int[]... rows) {
        int[] unit = new int[units.items()];
        for (int g = 0; g < units.count(); g++) {
            for (int k = 0; k < units.groups().size(g); k++) {
                unit[units.groups().member(g, k)] = g;
            }
        }
        check(unit.length, i -> unit[i], units::id, rows);
    }

    private static void check(int items, IntToLongFunction contents, IntFunction<String> ids, int[]... rows) {
        SplitCheck check = new SplitCheck(items, contents, ids);
        for (int p = 0; p < rows.length; p++) {
            check.part(rows[p], p + 1);
        }
        int covered = check.covered.cardinality();
        if (covered != items) {
            throw new IllegalStateException("a split must cover all items; got " + covered + " of " + items);
        }
    }

    private void part(int[] rows, int number) {
        for (int row : rows) {
            if (covered.get(row)) {
                throw new IllegalStateException(
                        "parts of a split must be disjoint; got item " + ids.apply(row) + " twice");
            }
            covered.set(row);
            int before = parts.putIfAbsent(contents.applyAsLong(row), number);
            if (before != 0 && before != number) {
                throw new IllegalStateException("parts of a split must not share content; got the content of item "
                        + ids.apply(row) + " in two parts");
            }
        }
    }

    /** The part in which each content hash was seen: a hash table of open addresses, at most half full. */
    private static final class HashParts {
        private final long[] hashes;
        private final int[] parts; // 0 where free

        HashParts(int items) {
            int slots = Integer.highestOneBit(Math.max(4, Math.min(items, 1 << 28))) * 4;
            this.hashes = new long[slots];
            this.parts = new int[slots];
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
                parts[slot] = part;
            }
            return before;
        }
    }
}
