package dev.lapidary.concept.explain;

import org.jspecify.annotations.Nullable;

/**
 * What a concept means for a class: whether the item shows it, and whether that speaks for the class or against it.
 *
 * <p>A concept that is not found speaks for a class where its weight is negative: oil prices are likelier in a text that is not about
 * cricket. The last two are for scores without a known mean (a model in its published form, a search).
 */
public enum Evidence {
    /** The item is near to the concept, and that raises the class's logit. */
    FOUND_FOR("found, speaks for"),

    /** The item is near to the concept, and that lowers the class's logit. */
    FOUND_AGAINST("found, speaks against"),

    /** The item does not show the concept, and that raises the class's logit. */
    NOT_FOUND_FOR("not found, which speaks for"),

    /** The item does not show the concept, and that lowers the class's logit. */
    NOT_FOUND_AGAINST("not found, which speaks against"),

    /** The concept raises the class's logit; whether the item shows it is not known. */
    FOR("speaks for"),

    /** The concept lowers the class's logit; whether the item shows it is not known. */
    AGAINST("speaks against");

    private final String title;

    Evidence(String title) {
        this.title = title;
    }

    /** Words for a person, to be followed by the name of the class. */
    public String title() {
        return title;
    }

    /** Puts presence and contribution together. */
    public static Evidence of(@Nullable Presence presence, double contribution) {
        boolean speaksFor = contribution > 0;
        if (presence == null) {
            return speaksFor ? FOR : AGAINST;
        }
        return switch (presence) {
            case FOUND -> speaksFor ? FOUND_FOR : FOUND_AGAINST;
            case NOT_FOUND -> speaksFor ? NOT_FOUND_FOR : NOT_FOUND_AGAINST;
        };
    }
}
