package dev.lapidary.data;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;

/**
 * Holds which items belong together, in 8 bytes an item.
 *
 * <p>Groups are numbered in the order of their first items; the items of group g are {@code members[starts[g]]} to {@code
 * members[starts[g + 1] - 1]}, in ascending order.
 */
final class ItemGroups {
    private final int[] members; // [n]
    private final int[] starts; // [groups + 1]

    private ItemGroups(int[] group, int groups) {
        starts = new int[groups + 1];
        for (int g : group) {
            starts[g + 1]++;
        }
        for (int g = 0; g < groups; g++) {
            starts[g + 1] += starts[g];
        }
        int[] next = starts.clone();
        members = new int[group.length];
        for (int i = 0; i < group.length; i++) {
            members[next[group[i]]++] = i;
        }
    }

    /** Groups items of equal hash, in linear time; a hash table of open addresses, at most half full. */
    static ItemGroups ofHashes(int items, IntToLongFunction hashes) {
        int[] group = new int[items];
        int slots = Integer.highestOneBit(Math.max(4, Math.min(items, 1 << 28))) * 4;
        int[] first = new int[slots]; // item + 1, or 0 where free
        int groups = 0;
        for (int i = 0; i < items; i++) {
            long hash = hashes.applyAsLong(i);
            int slot = (int) (hash ^ (hash >>> 32)) & (slots - 1);
            while (first[slot] != 0 && hashes.applyAsLong(first[slot] - 1) != hash) {
                slot = (slot + 1) & (slots - 1);
            }
            if (first[slot] == 0) {
                first[slot] = i + 1;
                group[i] = groups++;
            } else {
                group[i] = group[first[slot] - 1];
            }
        }
        return new ItemGroups(group, groups);
    }

    /** Groups items of equal keys. */
    static ItemGroups ofKeys(List<?> keys) {
        Map<Object, Integer> numbers = new HashMap<>();
        int[] group = new int[keys.size()];
        int i = 0;
        for (Object key : keys) {
            int next = numbers.size();
            group[i++] = numbers.computeIfAbsent(key, k -> next);
        }
        return new ItemGroups(group, numbers.size());
    }

    /** Puts items together that are together here or in another grouping of the same items, directly or through others. */
    ItemGroups joined(ItemGroups other) {
        int[] root = new int[members.length];
        for (int i = 0; i < root.length; i++) {
            root[i] = i;
        }
        unite(root);
        other.unite(root);
        int[] group = new int[root.length];
        int groups = 0;
        for (int i = 0; i < root.length; i++) {
            int first = find(root, i);
            group[i] = first == i ? groups++ : group[first];
        }
        return new ItemGroups(group, groups);
    }

    /** Joins the trees of every group's items; the root of a tree is its first item. */
    private void unite(int[] root) {
        for (int g = 0; g < count(); g++) {
            for (int k = 1; k < size(g); k++) {
                int one = find(root, member(g, 0));
                int other = find(root, member(g, k));
                root[Math.max(one, other)] = Math.min(one, other);
            }
        }
    }

    private static int find(int[] root, int item) {
        int at = item;
        while (root[at] != at) {
            root[at] = root[root[at]];
            at = root[at];
        }
        return at;
    }

    int items() {
        return members.length;
    }

    int count() {
        return starts.length - 1;
    }

    int size(int group) {
        return starts[group + 1] - starts[group];
    }

    /** The k-th item of a group. */
    int member(int group, int k) {
        return members[starts[group] + k];
    }

    /** Which groups hold any of the rows, [groups]. */
    boolean[] holding(int[] rows) {
        BitSet chosen = new BitSet();
        for (int row : rows) {
            chosen.set(row);
        }
        boolean[] holding = new boolean[count()];
        for (int g = 0; g < holding.length && !chosen.isEmpty(); g++) {
            for (int k = 0; k < size(g); k++) {
                holding[g] |= chosen.get(member(g, k));
            }
        }
        return holding;
    }

    /**
     * Returns the items of every part in ascending order [parts][items].
     *
     * @param part of each group [groups]
     */
    int[][] rows(int[] part, int parts) {
        int[] partOf = new int[members.length];
        int[] sizes = new int[parts];
        for (int g = 0; g < count(); g++) {
            for (int k = 0; k < size(g); k++) {
                partOf[member(g, k)] = part[g];
            }
            sizes[part[g]] += size(g);
        }
        int[][] rows = new int[parts][];
        for (int p = 0; p < parts; p++) {
            rows[p] = new int[sizes[p]];
        }
        int[] next = new int[parts];
        for (int i = 0; i < partOf.length; i++) {
            rows[partOf[i]][next[partOf[i]]++] = i;
        }
        return rows;
    }
}
