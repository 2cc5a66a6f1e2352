package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a classifier decides as it does for one item.
 *
 * <p>For a classifier that trains nothing (Concept Matrix Search) logits are its scores, biases are 0, and probabilities, standardised
 * scores, what is missing and the counterfactual are absent.
 *
 * @param predicted the class with the highest logit
 * @param classes every class, highest logit first
 * @param concepts every concept's reading of the item, in the order of the concept set
 * @param missingFor the class that {@code missing} is about: the predicted one unless another was named
 * @param missing concepts that speak for that class where they are high, but are below their mean here; largest gain first
 * @param counterfactual the smallest change that flips the decision
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explanation(
        String predicted,
        List<ClassScore> classes,
        List<Reading> concepts,
        String missingFor,
        List<Missing> missing,
        @Nullable Counterfactual counterfactual) {
    private static final int SHOWN = 8;

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

    /** What one concept adds to a logit; negative speaks against the class. */
    public record Contribution(String concept, double value) {}

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

    /** Plain lines for a terminal: the classes, what speaks for and against the predicted one, what is missing, what would flip it. */
    public String text() {
        Lines lines = new Lines();
        lines.add("predicted: %s", predicted);
        for (ClassScore c : classes.subList(0, Math.min(SHOWN, classes.size()))) {
            String share = c.probability() == null ? "" : ", " + Lines.percent(c.probability());
            String calibrated =
                    c.calibratedProbability() == null ? "" : ", calibrated " + Lines.percent(c.calibratedProbability());
            lines.add("  %s (%.3f%s%s)", c.name(), c.logit(), share, calibrated);
        }
        ClassScore winner = classes.getFirst();
        lines.add("because:");
        for (Contribution part : head(winner.contributions())) {
            lines.add("  %+.3f %s", part.value(), part.concept());
        }
        int rest = winner.contributions().size() - SHOWN;
        if (rest > 0) {
            double sum = winner.contributions().stream()
                    .skip(SHOWN)
                    .mapToDouble(Contribution::value)
                    .sum();
            lines.add("  %+.3f %d other concepts", sum, rest);
        }
        lines.add("  %+.3f bias", winner.bias());
        if (!missing.isEmpty()) {
            lines.add("missing for %s:", missingFor);
            for (Missing m : head(missing)) {
                lines.add(
                        "  %+.3f if %s were at %.2f instead of %.2f",
                        m.gain(), m.concept(), m.typicalHigh(), m.score());
            }
        }
        return lines + (counterfactual == null ? "" : counterfactual.text());
    }

    private static <T> List<T> head(List<T> all) {
        return all.subList(0, Math.min(SHOWN, all.size()));
    }
}
