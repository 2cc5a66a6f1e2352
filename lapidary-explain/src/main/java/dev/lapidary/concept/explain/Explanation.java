package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lapidary.concept.classifier.Familiarity;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a classifier decides as it does for one item.
 *
 * <p>For a classifier that trains nothing (Concept Matrix Search) logits are its scores, biases are 0, and probabilities, standardised
 * scores, what is missing and the counterfactual are absent.
 *
 * @param predicted the class with the highest logit
 * @param familiarity how far the item lies from those of the training; absent where these are not remembered
 * @param classes every class, highest logit first
 * @param concepts every concept's reading of the item, in the order of the concept set
 * @param scoreUnit what scores are counted in; absent for a search, which has none
 * @param missingFor the class that {@code missing} is about: the predicted one unless another was named
 * @param missing concepts that speak for that class where they are high, but are below their mean here; largest gain first
 * @param counterfactual the smallest change that flips the decision
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explanation(
        String predicted,
        @Nullable Familiarity familiarity,
        List<ClassScore> classes,
        List<Reading> concepts,
        @Nullable String scoreUnit,
        String missingFor,
        List<Missing> missing,
        @Nullable Counterfactual counterfactual) {
    /**
     * One class's logit and what it is made of.
     *
     * @param probability softmax of the logits; absent where these are scores of a search
     * @param calibratedProbability see {@link dev.lapidary.concept.calibration.Calibration}; absent without a calibration
     * @param contributions what concepts add to the logit, largest magnitude first, without zeros; with the bias they sum to the logit
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ClassScore(
            String name,
            double logit,
            @Nullable Double probability,
            @Nullable Double calibratedProbability,
            double bias,
            List<Contribution> contributions) {}

    /**
     * What one concept adds to a logit.
     *
     * @param value what it adds, in units of the logit: weight times score (or what of the score passes the gate, where there are
     *     gates); negative speaks against the class
     * @param score of the concept in the explanation's unit; absent for a search
     * @param weight of the concept for the class, in logit per unit of the score; absent for a search
     * @param presence whether the item is nearer to the concept than training items are on average; absent where the mean of its score is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Contribution(
            String concept,
            double value,
            @Nullable Double score,
            @Nullable Double weight,
            @Nullable Presence presence) {
        /** The value under the name that other outputs give it. */
        @JsonProperty
        public double contribution() {
            return value;
        }

        /** What that means for the class. */
        @JsonIgnore
        public Evidence evidence() {
            return Evidence.of(presence, value);
        }

        /** Name, score, weight and contribution in one line; {@link #evidence} says what they mean. */
        @JsonIgnore
        public String line() {
            String before = score == null || weight == null
                    ? ""
                    : String.format(Locale.ROOT, "score %+.2f, weight %+.3f, ", score, weight);
            return String.format(Locale.ROOT, "%s (%scontribution %+.3f)", concept, before, value);
        }
    }

    /**
     * One concept's reading of the item.
     *
     * @param cosine between item and concept; absent for a search
     * @param score standardised: in standard deviations above the mean of the training items (100·cosine in a model's published form)
     * @param gate in [0, 1], how much of the score passes; absent without gates
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Reading(
            String name,
            @Nullable Double cosine,
            @Nullable Double score,
            @Nullable Double gate) {}

    /**
     * A concept that would speak for the class, but is low here.
     *
     * @param weight of the concept for the class
     * @param score standardised, below the mean
     * @param typicalHigh two standard deviations above the mean, in the same units
     * @param gain by how much the class's logit would grow if the score were at its typical high value
     */
    public record Missing(String concept, double weight, double score, double typicalHigh, double gain) {}

    /**
     * Plain lines for a terminal: the classes, what speaks for and against the predicted one and the one that was asked about, what the
     * words mean, and what would flip the decision.
     */
    public String text() {
        return new ExplanationText(this).text();
    }
}
