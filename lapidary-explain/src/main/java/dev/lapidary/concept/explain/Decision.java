package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;

/**
 * One item's way from scores to logits, taken apart.
 *
 * <p>Concepts that decide for no class ({@link NamedMap#uses}) count as the scorer counts them: not at all. Shapes, float64: scores and
 * passed [M], logits [K].
 */
@SuppressWarnings("ArrayRecordComponent") // handed on within the package, never compared
public record Decision(ConceptScorer scorer, double[] scores, double[] passed, double[] logits) {
    static Decision of(ConceptScorer scorer, double[] scores) {
        NamedMap map = scorer.map();
        double[] passed = scorer.passed(scores);
        double[] logits = map.bias();
        for (int m = 0; m < passed.length; m++) {
            if (map.uses(m)) {
                for (int k = 0; k < logits.length; k++) {
                    logits[k] += map.weight(k, m) * passed[m];
                }
            }
        }
        return new Decision(scorer, scores, passed, logits);
    }

    int predicted() {
        return ClassScorer.largest(logits);
    }

    /** What each concept adds to a class's logit, [M]; with the bias they sum to the logit. */
    double[] contributions(int classIndex) {
        NamedMap map = scorer.map();
        double[] parts = map.contributions(classIndex, passed);
        for (int m = 0; m < parts.length; m++) {
            if (!map.uses(m)) {
                parts[m] = 0;
            }
        }
        return parts;
    }
}
