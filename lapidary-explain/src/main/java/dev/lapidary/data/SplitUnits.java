package dev.lapidary.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Says which items a split must keep together: those of equal contents, and those of one group (a patient, an author, a document).
 *
 * <p>A unit is a set of items that are connected, directly or through others, by equal contents or groups. Every split and every fold
 * gives each unit to one part, so that nothing is learned and tested on the same content or group.
 */
public final class SplitUnits {
    private final ItemGroups contents;
    private final ItemGroups units;
    private final IntFunction<String> ids;

    private SplitUnits(ItemGroups contents, ItemGroups units, IntFunction<String> ids) {
        this.contents = contents;
        this.units = units;
        this.ids = ids;
    }

    private static SplitUnits of(ItemGroups contents, IntFunction<String> ids) {
        return new SplitUnits(contents, contents, ids);
    }

    /**
     * Keeps items of a data set together whose texts (without differences of case and white space) or embeddings are equal.
     *
     * @throws IllegalArgumentException where the data set has a test part of its own, which {@link Splits#draw} keeps
     */
    public static SplitUnits of(Dataset data) {
        if (data.testFrom() < data.size()) {
            throw new IllegalArgumentException("a data set with a test part of its own must be divided by Splits.draw;"
                    + " got one whose last " + (data.size() - data.testFrom()) + " items are given for testing");
        }
        return of(ItemGroups.ofHashes(data.size(), data::contentHash), data::id);
    }

    /** Keeps items together whose contents are equal, such as texts or lists of numbers; their ids count from 1. */
    public static SplitUnits of(List<?> contents) {
        return of(ItemGroups.ofKeys(contents), SplitUnits::counted);
    }

    /** Keeps rows of numbers together that are equal entry for entry [n][columns]; their ids count from 1. */
    public static SplitUnits ofRows(double[][] rows) {
        return of(Arrays.stream(rows).map(Row::new).toList());
    }

    /** Takes items of which no two are known to be equal, such as generated ones; their ids count from 1. */
    public static SplitUnits distinct(int items) {
        return of(ItemGroups.ofHashes(items, i -> i), SplitUnits::counted);
    }

    private static String counted(int item) {
        return Integer.toString(item + 1);
    }

    /** Keeps items together as before, and those of equal groups besides; one group an item. */
    public SplitUnits withGroups(List<?> groups) {
        if (groups.size() != items()) {
            throw new IllegalArgumentException(
                    "every item must have a group; got " + groups.size() + " groups for " + items() + " items");
        }
        return new SplitUnits(contents, units.joined(ItemGroups.ofKeys(groups)), ids);
    }

    /** Returns the number of items. */
    public int items() {
        return units.items();
    }

    /** Returns the number of units. */
    public int count() {
        return units.count();
    }

    ItemGroups groups() {
        return units;
    }

    /** Reports equal contents; labels [n] are those of the items, or none of them. */
    DuplicateReport duplicates(int[] labels) {
        return Duplicates.report(contents, i -> labels.length == 0 ? 0 : labels[i], ids);
    }

    String id(int item) {
        return ids.apply(item);
    }

    /** A row with equality by its entries. */
    @SuppressWarnings("ArrayRecordComponent") // compared by its entries
    private record Row(double[] values) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Row row && Arrays.equals(values, row.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }
}
