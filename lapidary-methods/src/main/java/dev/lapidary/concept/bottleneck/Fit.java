package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.ClassScorer;
import dev.lapidary.concept.classifier.Report;
import java.util.List;

/**
 * One fitted classifier with the curves it was chosen from.
 *
 * @param scorer the classifier
 * @param elasticNet accuracy along the elastic-net path; empty where there is none
 * @param dial accuracy for every NEC walked through; empty where there is none
 * @param chosenOn accuracy of the chosen point on validation items
 * @param dropped scores left out because they never vary or fall below a floor
 */
public record Fit(
        ClassScorer scorer,
        List<Report.CurvePoint> elasticNet,
        List<Report.CurvePoint> dial,
        double chosenOn,
        int dropped) {
    /** Copies the lists. */
    public Fit {
        elasticNet = List.copyOf(elasticNet);
        dial = List.copyOf(dial);
    }

    /** A classifier that was not chosen from curves. */
    public static Fit of(ClassScorer scorer, double chosenOn, int dropped) {
        return new Fit(scorer, List.of(), List.of(), chosenOn, dropped);
    }
}
