package dev.lapidary.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Notices where the folders of classes look like the parts of a split, such as train and test: many public data sets have their
 * classes one level further down.
 */
public final class FolderLevels {
    private static final Set<String> PARTS = Set.of(
            "train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout", "unsup");

    private final Map<String, Set<String>> inside = new TreeMap<>(); // folders in which items lie, by class

    /** Takes the name of an item, a path with slashes that begins with the folder of its class. */
    public void add(String name) {
        String[] parts = name.split("/", -1);
        if (parts.length > 2) {
            inside.computeIfAbsent(LabelNames.clean(parts[0]), none -> new TreeSet<>())
                    .add(LabelNames.clean(parts[1]));
        } else if (parts.length == 2) {
            inside.computeIfAbsent(LabelNames.clean(parts[0]), none -> new TreeSet<>());
        }
    }

    /** A line where folders of one name lie in several classes, and in number or by their parents' names look like classes. */
    public Optional<String> warning() {
        Map<String, List<String>> parents = new TreeMap<>();
        inside.forEach((parent, children) -> children.forEach(child ->
                parents.computeIfAbsent(child, none -> new ArrayList<>()).add(parent)));
        List<String> repeated = parents.entrySet().stream()
                .filter(entry -> entry.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .toList();
        boolean parts = inside.keySet().stream().anyMatch(name -> PARTS.contains(name.toLowerCase(Locale.ROOT)));
        if (repeated.size() < (parts ? 1 : 2)) {
            return Optional.empty();
        }
        Set<String> holders = new TreeSet<>();
        repeated.forEach(child -> holders.addAll(parents.getOrDefault(child, List.of())));
        return Optional.of("folders " + Names.list(repeated) + " repeat inside the classes " + Names.list(holders)
                + ": classes are the folders of the first level; where they should be those of the second, read one of the first, such as "
                + holders.iterator().next());
    }
}
