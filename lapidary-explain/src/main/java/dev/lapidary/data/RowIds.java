package dev.lapidary.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The ids of n items: names, or row numbers that become strings only when somebody asks. */
final class RowIds {
    private final int size;
    private final @Nullable List<String> names;
    private final int @Nullable [] numbers;
    private @Nullable Map<String, Integer> positions;

    private RowIds(int size, @Nullable List<String> names, int @Nullable [] numbers) {
        this.size = size;
        this.names = names;
        this.numbers = numbers;
    }

    /** Rows 1 to n. */
    static RowIds counting(int size) {
        return new RowIds(size, null, null);
    }

    /** Ascending row numbers, where some rows were left out. */
    static RowIds rows(int[] numbers) {
        return new RowIds(numbers.length, null, numbers);
    }

    /** Unique names. */
    static RowIds named(List<String> names) {
        return new RowIds(names.size(), List.copyOf(names), null);
    }

    int size() {
        return size;
    }

    String get(int i) {
        Objects.checkIndex(i, size);
        if (names != null) {
            return names.get(i);
        }
        return Integer.toString(numbers == null ? i + 1 : numbers[i]);
    }

    synchronized int indexOf(String id) {
        if (positions == null) {
            positions = HashMap.newHashMap(size);
            for (int i = 0; i < size; i++) {
                positions.put(get(i), i);
            }
        }
        return positions.getOrDefault(id, -1);
    }
}
