package dev.lapidary.concept.classifier;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How many items of a data set a classifier was trained on, and how it does on the others.
 *
 * @param items of the data set
 * @param trainingItems how many of them the classifier learned from or chose its settings on
 * @param accuracyOnOthers share of the labelled others whose class {@link ConceptClassifier#scorer} names; empty where there are none
 */
public record TrainingOverlap(int items, int trainingItems, OptionalDouble accuracyOnOthers) {
    /** What a person must know of figures that come from these items; nothing where all are new. */
    public Optional<String> warning() {
        if (trainingItems == 0) {
            return Optional.empty();
        }
        if (trainingItems == items) {
            return Optional.of("all " + items + " items are ones that the model learned from or chose its settings on: "
                    + "figures from them say little about items never seen");
        }
        String others = accuracyOnOthers.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; on the %d %s the seed that decides is right for %.1f %%",
                        items - trainingItems,
                        items - trainingItems == 1 ? "other" : "others",
                        100 * accuracyOnOthers.getAsDouble());
        return Optional.of(trainingItems + " of " + items
                + " items are ones that the model learned from or chose its settings on: figures from them say little about "
                + "items never seen" + others);
    }
}
