package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonValue;

/** Whether an item shows a concept: found where the concept's score is above its mean over the training items. */
public enum Presence {
    /** The score is above the mean. */
    FOUND("found"),

    /** The score is at the mean or below it. */
    NOT_FOUND("not-found");

    private final String id;

    Presence(String id) {
        this.id = id;
    }

    /** How JSON writes it. */
    @JsonValue
    public String id() {
        return id;
    }

    static Presence of(double score, double mean) {
        return score > mean ? FOUND : NOT_FOUND;
    }
}
