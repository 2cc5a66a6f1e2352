package dev.lapidary.app.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.calibration.PredictionSet;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.Familiarity;
import dev.lapidary.concept.explain.Evidence;
import dev.lapidary.concept.explain.Explainer;
import dev.lapidary.concept.explain.Explanation;
import dev.lapidary.concept.explain.Presence;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
 * @param abstain whether the set holds no class or several; absent with the set
 * @param distance mean cosine distance to the nearest training items; absent where the model does not remember them, as the next two
 * @param distanceQuantile share of the training items that lie nearer to theirs
 * @param far whether the item is unlike the training items, so that class and probabilities say little
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Prediction(
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
    /**
     * What one concept adds to the logit of the class.
     *
     * @param contribution to the logit; negative speaks against the class
     * @param score in standard deviations from the training mean; 100·cosine in a model's published form; absent for a search
     * @param weight of the concept for the class; absent for a search
     * @param presence whether the score is above the training mean; absent where that is not known
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Part(
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

    /**
     * What is to be said of each item.
     *
     * @param top how many concepts
     * @param sets those of the error rate asked for
     */
    record Wanted(int top, Optional<ConformalSets> sets) {}

    /** The head of a CSV file of predictions: columns are added at the end. */
    static String header(ConceptClassifier model, Wanted wanted) {
        return "id,class,probability,concepts"
                + (model.calibration().isPresent() ? ",calibratedProbability" : "")
                + (wanted.sets().isPresent() ? ",set,abstain" : "")
                + (model.seenItems().isPresent() ? ",distance,distanceQuantile,far" : "")
                + "\n";
    }

    /** Predicts items [n, d] with the given ids. */
    static List<Prediction> of(ConceptClassifier model, EmbeddingMatrix items, List<String> ids, Wanted wanted) {
        Explainer explainer = Explainer.of(model);
        double[][] logits = model.scorer().logits(items, null);
        List<Prediction> predictions = new ArrayList<>(logits.length);
        for (int i = 0; i < logits.length; i++) {
            int best = ClassScorer.largest(logits[i]);
            List<Part> parts = wanted.top() == 0
                    ? List.of()
                    : explainer.contributions(items.row(i), model.classes().get(best)).stream()
                            .limit(wanted.top())
                            .map(Part::of)
                            .toList();
            double[] z = logits[i];
            double @Nullable [] probabilities =
                    model.calibration().map(c -> c.probabilities(z)).orElse(null);
            @Nullable
            PredictionSet set = probabilities == null
                    ? null
                    : wanted.sets().map(sets -> sets.set(probabilities)).orElse(null);
            float[] item = items.row(i);
            @Nullable
            Familiarity familiarity =
                    model.seenItems().map(seen -> seen.familiarity(item)).orElse(null);
            predictions.add(new Prediction(
                    ids.get(i),
                    model.classes().get(best),
                    probability(z, best),
                    parts,
                    probabilities == null ? null : (Double) probabilities[best],
                    set == null ? null : set.names(model.classes()),
                    set == null ? null : (Boolean) set.abstain(),
                    familiarity == null ? null : (Double) familiarity.distance(),
                    familiarity == null ? null : (Double) familiarity.quantile(),
                    familiarity == null ? null : (Boolean) familiarity.far()));
        }
        return predictions;
    }

    static double probability(double[] logits, int classIndex) {
        double sum = 0;
        for (double z : logits) {
            sum += Math.exp(z - logits[classIndex]);
        }
        return 1 / sum;
    }

    String line() {
        String said = String.format(Locale.ROOT, "%s\t%s\tprobability %.3f\t%s", id, predicted, probability, grouped());
        if (calibratedProbability != null) {
            said += String.format(Locale.ROOT, "\tcalibrated %.3f", calibratedProbability);
        }
        return said + setText() + farText() + "\n";
    }

    String csv() {
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
        return "\t" + (isFar() ? "FAR FROM TRAINING: " : "") + said;
    }

    /** Whether the item is known to be unlike those of the training. */
    boolean isFar() {
        return Boolean.TRUE.equals(far);
    }

    private String setText() {
        return set == null ? "" : "\t" + setText(set);
    }

    /** Names the classes of a set, and says whether that means to abstain. */
    static String setText(List<String> set) {
        return switch (set.size()) {
            case 0 -> "abstains: no class is likely enough";
            case 1 -> "set: " + set.getFirst();
            default -> "abstains: " + String.join(" or ", set);
        };
    }

    /** Whether a set was asked for that leaves the item to a person. */
    boolean abstains() {
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

    private static String quoted(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
