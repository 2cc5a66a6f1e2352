package dev.lapidary.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
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

    /**
     * The ids that a file gives its items. An item whose id is empty gets "row 3" or the like; where ids are not unique, or all
     * empty, there are none.
     *
     * @param ids one per item, trimmed
     * @param rows the row of an item in the file, from 1
     * @param warnings takes a line where an id is empty or not unique
     */
    static Optional<RowIds> given(List<String> ids, IntUnaryOperator rows, Consumer<String> warnings) {
        List<String> named = new ArrayList<>(ids);
        Set<String> seen = new HashSet<>();
        List<Integer> empty = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i).isEmpty()) {
                empty.add(i);
            } else if (!seen.add(ids.get(i))) {
                warnings.accept("column id is not unique, '" + Names.brief(ids.get(i))
                        + "' comes twice; rows are numbered from 1 instead");
                return Optional.empty();
            }
        }
        if (empty.size() == ids.size()) {
            warnings.accept("column id is empty; rows are numbered from 1 instead");
            return Optional.empty();
        }
        for (int i : empty) {
            String name = "row " + rows.applyAsInt(i);
            while (!seen.add(name)) {
                name += "'";
            }
            named.set(i, name);
        }
        if (!empty.isEmpty()) {
            warnings.accept(empty.size() + (empty.size() == 1 ? " id is" : " ids are")
                    + " empty; such items are named by their row, first '" + named.get(empty.getFirst()) + "'");
        }
        return Optional.of(named(named));
    }

    /** Unique names. */
    static RowIds named(List<String> names) {
        return new RowIds(names.size(), List.copyOf(names), null);
    }

    /** The ids of some items; those that are numbers stay the rows of the file. */
    RowIds select(int[] items) {
        List<String> own = names;
        if (own != null) {
            return named(Arrays.stream(items).mapToObj(own::get).toList());
        }
        int[] all = numbers;
        return rows(Arrays.stream(items).map(i -> all == null ? i + 1 : all[i]).toArray());
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
