package dev.lapidary.concept.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The class of one item.
 *
 * @param predicted name of the class
 * @param probability softmax of the logits, not calibrated
 * @param concepts those that change the class's logit most, for or against it, the largest change first
 * @param calibratedProbability of the class; absent where the model has no calibration
 * @param set all classes that the item may belong to at the error rate asked for, likeliest first; absent where none was
 * @param abstain whether the item should be left to a person: the set holds no class or several, or the item is far; absent with the
 *     set
 * @param distance mean cosine distance to the nearest training items; absent where the model does not remember them, as the next two
 * @param distanceQuantile share of the training items that lie nearer to theirs
 * @param far whether the item is unlike the training items, so that class and probabilities say little
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Prediction(
        String id,
        @JsonProperty("class") String predicted,
        double probability,
        List<Part> concepts,
        @Nullable Double calibratedProbability,
        @Nullable List<String> set,
        @Nullable Boolean abstain,
        @Nullable Double distance,
        @Nullable Double distanceQuantile,
        @Nullable Boolean far) {
    /** Copies the lists. */
    public Prediction {
        concepts = List.copyOf(concepts);
        set = set == null ? null : List.copyOf(set);
    }

    /**
     * What one concept adds to the logit of the class.
     *
     * @param contribution to the logit; negative speaks against the class
     * @param score in standard deviations from the training mean; 100·cosine in a model's published form; absent for a search
     * @param weight of the concept for the class; absent for a search
     * @param presence whether the score is above the training mean; absent where that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Part(
            String name,
            double contribution,
            @Nullable Double score,
            @Nullable Double weight,
            @Nullable Presence presence) {
        static Part of(Explanation.Contribution part) {
            return new Part(part.concept(), part.value(), part.score(), part.weight(), part.presence());
        }

        private String line() {
            return new Explanation.Contribution(name, contribution, score, weight, presence).line();
        }

        private Evidence evidence() {
            return Evidence.of(presence, contribution);
        }
    }

    /** The prediction for people: one line, each part with its name, between tabs. */
    public String text() {
        String said = String.format(
                Locale.ROOT, "id %s\tclass %s\tprobability %.3f\t%s", id, predicted, probability, grouped());
        if (calibratedProbability != null) {
            said += String.format(Locale.ROOT, "\tcalibrated %.3f", calibratedProbability);
        }
        return said + setText() + farText() + "\n";
    }

    /** The prediction as a line of a CSV file, see {@link Predictor#csvHead}. */
    public String csv() {
        String said = String.format(
                Locale.ROOT, "%s,%s,%.6f,%s", quoted(id), quoted(predicted), probability, quoted(grouped()));
        if (calibratedProbability != null) {
            said += String.format(Locale.ROOT, ",%.6f", calibratedProbability);
        }
        said += set == null ? "" : "," + quoted(String.join("; ", set)) + "," + abstain;
        if (distance != null && distanceQuantile != null) {
            said += String.format(Locale.ROOT, ",%.6f,%.4f,%s", distance, distanceQuantile, far);
        }
        return said + "\n";
    }

    /** How far the item lies from those of the training; in capitals where that makes the class worth little. */
    private String farText() {
        if (distanceQuantile == null) {
            return "";
        }
        String said = String.format(
                Locale.ROOT, "farther out than %.0f %% of the training items", Math.floor(100 * distanceQuantile));
        return "\t" + (farFromTraining() ? "FAR FROM TRAINING: " : "") + said;
    }

    /** Whether the item is known to be unlike those of the training. */
    public boolean farFromTraining() {
        return Boolean.TRUE.equals(far);
    }

    private String setText() {
        return set == null ? "" : "\t" + setText(set, farFromTraining());
    }

    /** Names the classes of a set, and says whether the item is left to a person. */
    public static String setText(List<String> set, boolean far) {
        return switch (set.size()) {
            case 0 -> "abstains: no class is likely enough";
            case 1 -> far ? "abstains: far from the training items, else " + set.getFirst() : "set: " + set.getFirst();
            default -> "abstains: " + String.join(" or ", set);
        };
    }

    /** Whether a set was asked for and the item is left to a person. */
    public boolean abstains() {
        return Boolean.TRUE.equals(abstain);
    }

    /** The concepts in the groups of {@link Evidence}. */
    private String grouped() {
        List<String> groups = new ArrayList<>();
        for (Evidence evidence : Evidence.values()) {
            String parts = concepts.stream()
                    .filter(part -> part.evidence() == evidence)
                    .map(Part::line)
                    .collect(Collectors.joining("; "));
            if (!parts.isEmpty()) {
                groups.add(evidence.title() + " " + predicted + ": " + parts);
            }
        }
        return String.join("; ", groups);
    }

    /** The cells of {@link #csv} that a spreadsheet may run as a formula: they begin with =, +, - or @ and are no number. */
    public List<String> formulas() {
        List<String> cells = new ArrayList<>(List.of(id, predicted));
        if (set != null) {
            cells.add(String.join("; ", set));
        }
        return cells.stream()
                .filter(cell ->
                        cell.matches("(?s)[=+\\-@].*") && !cell.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?"))
                .toList();
    }

    private static String quoted(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
