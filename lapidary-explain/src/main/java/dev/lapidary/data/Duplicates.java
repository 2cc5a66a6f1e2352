package dev.lapidary.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** Reports which items have equal contents, and whether their labels differ. */
final class Duplicates {
    private static final int EXAMPLES = 10;
    private static final int SHOWN = 5; // ids of one group

    private final ItemGroups groups;
    private final IntUnaryOperator labels;
    private final IntFunction<String> ids;

    private Duplicates(ItemGroups groups, IntUnaryOperator labels, IntFunction<String> ids) {
        this.groups = groups;
        this.labels = labels;
        this.ids = ids;
    }

    /**
     * Reports.
     *
     * @param groups items of equal contents
     * @param labels of each item; the same for all where there are none
     * @param ids of each item
     */
    static DuplicateReport report(ItemGroups groups, IntUnaryOperator labels, IntFunction<String> ids) {
        return new Duplicates(groups, labels, ids).report();
    }

    private DuplicateReport report() {
        int shared = 0;
        int items = 0;
        int conflicting = 0;
        List<String> conflicts = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (int g = 0; g < groups.count(); g++) {
            if (groups.size(g) == 1) {
                continue;
            }
            shared++;
            items += groups.size(g);
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

    private boolean conflicting(int group) {
        int first = labels.applyAsInt(groups.member(group, 0));
        for (int k = 1; k < groups.size(group); k++) {
            if (labels.applyAsInt(groups.member(group, k)) != first) {
                return true;
            }
        }
        return false;
    }

    private String example(int group) {
        List<String> example = new ArrayList<>();
        for (int k = 0; k < Math.min(SHOWN, groups.size(group)); k++) {
            example.add(ids.apply(groups.member(group, k)));
        }
        if (groups.size(group) > SHOWN) {
            example.add("...");
        }
        return String.join(" = ", example);
    }
}
