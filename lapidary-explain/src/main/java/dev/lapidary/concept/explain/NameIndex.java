package dev.lapidary.concept.explain;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Nearest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds classes and concepts of a classifier by name; an unknown name is refused with the nearest known one, where one is near. */
final class NameIndex {
    private final List<String> classes; // [K]
    private final List<String> concepts; // [M]
    private final Map<String, Integer> classAt;
    private final Map<String, Integer> conceptAt;

    NameIndex(List<String> classes, List<String> concepts) {
        this.classes = List.copyOf(classes);
        this.concepts = List.copyOf(concepts);
        this.classAt = positions(this.classes);
        this.conceptAt = positions(this.concepts);
    }

    private static Map<String, Integer> positions(List<String> names) {
        Map<String, Integer> positions = new HashMap<>();
        for (int i = 0; i < names.size(); i++) {
            positions.putIfAbsent(names.get(i), i);
        }
        return positions;
    }

    List<String> classes() {
        return classes;
    }

    List<String> concepts() {
        return concepts;
    }

    String className(int index) {
        return classes.get(index);
    }

    String concept(int index) {
        return concepts.get(index);
    }

    int classIndex(String name) {
        return find("class", name, classes, classAt);
    }

    int conceptIndex(String name) {
        return find("concept", name, concepts, conceptAt);
    }

    private static int find(String what, String name, List<String> names, Map<String, Integer> positions) {
        Integer index = positions.get(name);
        if (index == null) {
            String hint = Nearest.of(name, names)
                    .map(near -> ", nearest is \"" + near + "\"")
                    .orElse("");
            throw new InputException(
                    what + " must be one of the classifier's " + names.size() + "; got \"" + name + "\"" + hint);
        }
        return index;
    }
}
