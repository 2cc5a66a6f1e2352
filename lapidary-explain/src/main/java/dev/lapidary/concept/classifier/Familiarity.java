package dev.lapidary.concept.classifier;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How far an item lies from the items of the training.
 *
 * @param distance mean cosine distance, in [0, 2], to the {@value SeenItems#NEIGHBOURS} nearest of the training items that are kept
 * @param quantile share of these training items that lie nearer to their own nearest ones, in [0, 1]
 * @param limit the distance that a share of {@value #LIMIT} of them does not exceed
 */
public record Familiarity(double distance, double quantile, double limit) {
    /** An item farther out than this share of the training items is far: so are about one in twenty items like those of the training. */
    public static final double LIMIT = 0.95;

    /** Whether the item is unlike what the classifier learned from, so that its class and probabilities say little. */
    @JsonProperty
    public boolean far() {
        return distance > limit;
    }
}
