package dev.lapidary.app.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.calibration.PredictionSet;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.SearchScorer;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The class of one item.
 *
 * @param predicted name of the class
 * @param probability softmax of the logits, not calibrated
 * @param concepts those that add most to the class's logit, the largest first
 * @param calibratedProbability of the class; absent where the model has no calibration
 * @param set all classes that the item may belong to at the error rate asked for, likeliest first; absent where none was
 * @param abstain whether the set holds no class or several; absent with the set
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Prediction(
        String id,
        @JsonProperty("class") String predicted,
        double probability,
        List<Part> concepts,
        @Nullable Double calibratedProbability,
        @Nullable List<String> set,
        @Nullable Boolean abstain) {
    /** What one concept adds to the logit. */
    record Part(String name, double contribution) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %+.2f", name, contribution);
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
                + "\n";
    }

    /** Predicts items [n, d] with the given ids. */
    static List<Prediction> of(ConceptClassifier model, EmbeddingMatrix items, List<String> ids, Wanted wanted) {
        ClassScorer scorer = model.scorer();
        List<String> names = model.concepts().names();
        double[][] logits = scorer.logits(items, null);
        List<Prediction> predictions = new ArrayList<>(logits.length);
        for (int i = 0; i < logits.length; i++) {
            int best = ClassScorer.largest(logits[i]);
            List<Part> parts = wanted.top() == 0
                    ? List.of()
                    : largest(contributions(scorer, items.row(i), best), names, wanted.top());
            double[] z = logits[i];
            double @Nullable [] probabilities =
                    model.calibration().map(c -> c.probabilities(z)).orElse(null);
            @Nullable
            PredictionSet set = probabilities == null
                    ? null
                    : wanted.sets().map(sets -> sets.set(probabilities)).orElse(null);
            predictions.add(new Prediction(
                    ids.get(i),
                    model.classes().get(best),
                    probability(z, best),
                    parts,
                    probabilities == null ? null : (Double) probabilities[best],
                    set == null ? null : set.names(model.classes()),
                    set == null ? null : (Boolean) set.abstain()));
        }
        return predictions;
    }

    private static double[] contributions(ClassScorer scorer, float[] item, int classIndex) {
        return switch (scorer) {
            case ConceptScorer named -> named.map().contributions(classIndex, named.passed(named.scores(item)));
            case SearchScorer search -> search.search().contributions(item, classIndex, search.variant());
        };
    }

    private static List<Part> largest(double[] contributions, List<String> names, int top) {
        return IntStream.range(0, contributions.length)
                .filter(m -> contributions[m] > 0)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer m) -> -contributions[m]))
                .limit(top)
                .map(m -> new Part(names.get(m), contributions[m]))
                .toList();
    }

    static double probability(double[] logits, int classIndex) {
        double sum = 0;
        for (double z : logits) {
            sum += Math.exp(z - logits[classIndex]);
        }
        return 1 / sum;
    }

    String line() {
        String said = String.format(Locale.ROOT, "%s\t%s\t%.3f\t%s", id, predicted, probability, joined(", "));
        if (calibratedProbability != null) {
            said += String.format(Locale.ROOT, "\tcalibrated %.3f", calibratedProbability);
        }
        return said + setText() + "\n";
    }

    String csv() {
        String said = String.format(
                Locale.ROOT, "%s,%s,%.6f,%s", quoted(id), quoted(predicted), probability, quoted(joined("; ")));
        if (calibratedProbability != null) {
            said += String.format(Locale.ROOT, ",%.6f", calibratedProbability);
        }
        return said + (set == null ? "" : "," + quoted(String.join("; ", set)) + "," + abstain) + "\n";
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

    private String joined(String separator) {
        return concepts.stream().map(Part::toString).collect(Collectors.joining(separator));
    }

    private static String quoted(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
