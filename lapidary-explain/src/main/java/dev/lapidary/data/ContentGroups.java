package dev.lapidary.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Groups items of equal content, in linear time and 16 bytes an item.
 *
 * <p>Groups are numbered in the order of their first items; the items of group g are {@code members[starts[g]]} to {@code
 * members[starts[g + 1] - 1]}, in ascending order.
 */
final class ContentGroups {
    private static final int EXAMPLES = 10;
    private static final int SHOWN = 5; // ids of one group

    private final Dataset data;
    private final int[] members; // [n]
    private final int[] starts; // [groups + 1]

    private ContentGroups(Dataset data, int[] members, int[] starts) {
        this.data = data;
        this.members = members;
        this.starts = starts;
    }

    static ContentGroups of(Dataset data) {
        int n = data.size();
        int[] group = new int[n];
        int groups = number(data, group);
        int[] starts = new int[groups + 1];
        for (int g : group) {
            starts[g + 1]++;
        }
        for (int g = 0; g < groups; g++) {
            starts[g + 1] += starts[g];
        }
        int[] next = Arrays.copyOf(starts, groups);
        int[] members = new int[n];
        for (int i = 0; i < n; i++) {
            members[next[group[i]]++] = i;
        }
        return new ContentGroups(data, members, starts);
    }

    /** Writes every item's group; a hash table of open addresses, at most half full. */
    private static int number(Dataset data, int[] group) {
        int slots = Integer.highestOneBit(Math.max(4, Math.min(group.length, 1 << 28))) * 4;
        int[] first = new int[slots]; // item + 1, or 0 where free
        int groups = 0;
        for (int i = 0; i < group.length; i++) {
            long hash = data.contentHash(i);
            int slot = (int) (hash ^ (hash >>> 32)) & (slots - 1);
            while (first[slot] != 0 && data.contentHash(first[slot] - 1) != hash) {
                slot = (slot + 1) & (slots - 1);
            }
            if (first[slot] == 0) {
                first[slot] = i + 1;
                group[i] = groups++;
            } else {
                group[i] = group[first[slot] - 1];
            }
        }
        return groups;
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

    /** The class that a group counts as: that of its first item. */
    int label(int group) {
        return data.label(member(group, 0));
    }

    private boolean conflicting(int group) {
        for (int k = 1; k < size(group); k++) {
            if (data.label(member(group, k)) != label(group)) {
                return true;
            }
        }
        return false;
    }

    DuplicateReport report() {
        int shared = 0;
        int items = 0;
        int conflicting = 0;
        List<String> conflicts = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int g = 0; g < count(); g++) {
            if (size(g) == 1) {
                continue;
            }
            shared++;
            items += size(g);
            boolean conflict = conflicting(g);
            conflicting += conflict ? 1 : 0;
            List<String> examples = conflict ? conflicts : others;
            if (examples.size() < EXAMPLES) {
                examples.add(example(g));
            }
        }
        conflicts.addAll(others);
        return new DuplicateReport(
                shared, items, conflicting, conflicts.subList(0, Math.min(EXAMPLES, conflicts.size())));
    }

    private String example(int group) {
        List<String> ids = new ArrayList<>();
        for (int k = 0; k < Math.min(SHOWN, size(group)); k++) {
            ids.add(data.id(member(group, k)));
        }
        if (size(group) > SHOWN) {
            ids.add("...");
        }
        return String.join(" = ", ids);
    }
}
