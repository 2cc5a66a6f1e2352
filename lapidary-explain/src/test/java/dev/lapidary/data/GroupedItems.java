package dev.lapidary.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Items with contents and groups, some of which are equal, to divide.
 *
 * @param labels from 0 to 2
 * @param numbers from 0 to 19
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GroupedItems(List<Integer> contents, List<String> groups, int[] labels, double[] numbers) {
    static GroupedItems draw(int size, int contents, int groups, long seed) {
        Random random = new Random(seed);
        return new GroupedItems(
                random.ints(size, 0, contents).boxed().toList(),
                random.ints(size, 0, groups).mapToObj(g -> "group " + g).toList(),
                random.ints(size, 0, 3).toArray(),
                random.doubles(size).map(x -> Math.floor(20 * x)).toArray());
    }

    SplitUnits units() {
        return SplitUnits.of(contents).withGroups(groups);
    }

    /** Requires parts that hold each item once, in ascending order, and no content or group twice. */
    void requireSound(int[]... parts) {
        Set<Integer> rows = new HashSet<>();
        for (int[] part : parts) {
            assertThat(part).isNotEmpty().isSorted();
            Arrays.stream(part).forEach(row -> assertThat(rows.add(row)).isTrue());
        }
        assertThat(rows).hasSize(contents.size());
        requireNothingShared(contents, parts);
        requireNothingShared(groups, parts);
    }

    private static void requireNothingShared(List<?> keys, int[]... parts) {
        List<Set<Object>> sets = Arrays.stream(parts)
                .map(part -> Arrays.stream(part).<Object>mapToObj(keys::get).collect(Collectors.toSet()))
                .toList();
        for (int i = 0; i < sets.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertThat(Collections.disjoint(sets.get(i), sets.get(j))).isTrue();
            }
        }
    }

    /** The latest number of some rows. */
    double latest(int[] rows) {
        return Arrays.stream(rows).mapToDouble(i -> numbers[i]).max().orElseThrow();
    }

    /** The least of the latest numbers of the rows' units, found by walking along equal contents and groups. */
    double earliestUnit(int[] rows) {
        double earliest = Double.POSITIVE_INFINITY;
        Set<Integer> left = Arrays.stream(rows).boxed().collect(Collectors.toCollection(HashSet::new));
        while (!left.isEmpty()) {
            Set<Integer> unit = new HashSet<>(Set.of(left.iterator().next()));
            while (unit.addAll(left.stream()
                    .filter(i -> unit.stream().anyMatch(j -> together(i, j)))
                    .toList())) {
                // until nothing more belongs to it
            }
            left.removeAll(unit);
            earliest = Math.min(
                    earliest, unit.stream().mapToDouble(i -> numbers[i]).max().orElseThrow());
        }
        return earliest;
    }

    private boolean together(int i, int j) {
        return contents.get(i).equals(contents.get(j)) || groups.get(i).equals(groups.get(j));
    }
}
