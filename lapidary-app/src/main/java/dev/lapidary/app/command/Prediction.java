package dev.lapidary.app.command;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.SearchScorer;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The class of one item.
 *
 * @param predicted name of the class
 * @param probability softmax of the logits, not calibrated
 * @param concepts those that add most to the class's logit, the largest first
 */
record Prediction(String id, @JsonProperty("class") String predicted, double probability, List<Part> concepts) {
    /** What one concept adds to the logit. */
    record Part(String name, double contribution) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %+.2f", name, contribution);
        }
    }

    static final String HEADER = "id,class,probability,concepts\n";

    /** Predicts items [n, d] with the given ids. */
    static List<Prediction> of(ConceptClassifier model, EmbeddingMatrix items, List<String> ids, int top) {
        ClassScorer scorer = model.scorer();
        List<String> names = model.concepts().names();
        double[][] logits = scorer.logits(items, null);
        List<Prediction> predictions = new ArrayList<>(logits.length);
        for (int i = 0; i < logits.length; i++) {
            int best = ClassScorer.largest(logits[i]);
            List<Part> parts = top == 0 ? List.of() : largest(contributions(scorer, items.row(i), best), names, top);
            predictions.add(new Prediction(ids.get(i), model.classes().get(best), probability(logits[i], best), parts));
        }
        return predictions;
    }

    private static double[] contributions(ClassScorer scorer, float[] item, int klass) {
        return switch (scorer) {
            case ConceptScorer named -> named.map().contributions(klass, named.passed(named.scores(item)));
            case SearchScorer search -> search.search().contributions(item, klass, search.variant());
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

    static double probability(double[] logits, int klass) {
        double sum = 0;
        for (double z : logits) {
            sum += Math.exp(z - logits[klass]);
        }
        return 1 / sum;
    }

    String line() {
        return String.format(Locale.ROOT, "%s\t%s\t%.3f\t%s%n", id, predicted, probability, joined(", "));
    }

    String csv() {
        return String.format(
                Locale.ROOT, "%s,%s,%.6f,%s%n", quoted(id), quoted(predicted), probability, quoted(joined("; ")));
    }

    private String joined(String separator) {
        return concepts.stream().map(Part::toString).collect(Collectors.joining(separator));
    }

    private static String quoted(String cell) {
        return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
