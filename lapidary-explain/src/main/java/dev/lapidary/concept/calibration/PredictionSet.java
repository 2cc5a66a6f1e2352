package dev.lapidary.concept.calibration;

import java.util.List;

/**
 * The classes that an item may belong to at a stated error rate.
 *
 * @param classes indices, likeliest first; none where no class is likely enough
 */
public record PredictionSet(List<Integer> classes) {
    /** Copies the list. */
    public PredictionSet {
        classes = List.copyOf(classes);
    }

    /** Whether the classifier should leave the item to a person: the set holds several classes, or none. */
    public boolean abstain() {
        return classes.size() != 1;
    }

    /** Returns the names of the classes, likeliest first. */
    public List<String> names(List<String> ofClasses) {
        return classes.stream().map(ofClasses::get).toList();
    }
}
