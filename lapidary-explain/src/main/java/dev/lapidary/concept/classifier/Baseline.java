package dev.lapidary.concept.classifier;

import java.util.Locale;

/** What every method is compared with, on the same splits and with the same tuning; ids are those of the JSON output. */
public enum Baseline {
    /** The class whose name is most similar to the item; trains nothing. */
    ZERO_SHOT,
    /** A dense linear classifier on the embeddings themselves: what they hold in all, without concepts. */
    LINEAR_PROBE,
    /** The method with as many random nouns in place of the concepts. */
    RANDOM_WORDS,
    /** The method with as many random directions in place of the concepts. */
    RANDOM_DIRECTIONS;

    /** Name in files and JSON. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
