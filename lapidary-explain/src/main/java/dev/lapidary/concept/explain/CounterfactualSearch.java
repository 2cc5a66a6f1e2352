package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.NamedMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the fewest concepts whose scores, moved within their range, flip a decision.
 *
 * <p>Against one rival the difference of two logits is a sum of one term per concept, so taking the concepts that can change it most is
 * exact: no smaller set can do it.
 */
final class CounterfactualSearch {
    /** By how much the rival's logit must exceed the predicted one, so that rounding cannot undo the flip. */
    static final double MARGIN = 1e-6;

    private static final int STEPS = 600; // of the search along a gated score: 0.01 standard deviations each

    private final ConceptScorer scorer;
    private final ScoreRange range;
    private final NameIndex names;

    CounterfactualSearch(ConceptScorer scorer, ScoreRange range, NameIndex names) {
        this.scorer = scorer;
        this.range = range;
        this.names = names;
    }

    /** A concept and what moving it can do for a rival: to which score, and how much nearer that brings the flip. */
    private record Lever(int concept, double coefficient, double best, double gain) {}

    @SuppressWarnings("ArrayRecordComponent") // compared by size and distance only
    private record Change(List<Counterfactual.Move> moves, double[] scores, double distance) {
        boolean betterThan(@Nullable Change other) {
            return other == null
                    || moves.size() < other.moves.size()
                    || (moves.size() == other.moves.size() && distance < other.distance);
        }
    }

    Counterfactual find(Decision decision) {
        int predicted = decision.predicted();
        double[][] ends = ends();
        Change best = null;
        for (int rival = 0; rival < scorer.classes(); rival++) {
            Change change = rival == predicted ? null : towards(rival, decision, ends);
            if (change != null && change.betterThan(best)) {
                best = change;
            }
        }
        if (best == null) {
            return Counterfactual.none(
                    names.className(predicted), "even all concepts together, each " + range.bounds() + ", leave it");
        }
        Decision after = Decision.of(scorer, best.scores());
        List<Double> logits = new ArrayList<>();
        for (double z : after.logits()) {
            logits.add(z);
        }
        return new Counterfactual(
                true, names.className(predicted), names.className(after.predicted()), best.moves(), logits, null);
    }

    /** Per concept the scores at which least and most reaches the map, [M][2]. */
    private double[][] ends() {
        int m = scorer.map().concepts();
        double[][] ends = new double[m][];
        for (int c = 0; c < m; c++) {
            boolean decides = scorer.map().uses(c);
            ends[c] = new double[] {range.low(c), range.high(c)};
            if (decides && scorer.gated()) {
                ends[c] = new double[] {extreme(c, -1), extreme(c, 1)};
            }
        }
        return ends;
    }

    /** The score within range at which sign times what passes is largest. */
    private double extreme(int concept, int sign) {
        double low = range.low(concept);
        double step = (range.high(concept) - low) / STEPS;
        int best = 0;
        for (int i = 1; i <= STEPS; i++) {
            if (sign * scorer.passed(concept, low + i * step) > sign * scorer.passed(concept, low + best * step)) {
                best = i;
            }
        }
        double left = low + Math.max(0, best - 1) * step;
        double right = low + Math.min(STEPS, best + 1) * step;
        for (int i = 0; i < 60; i++) { // ternary search in the two steps around the best
            double a = left + (right - left) / 3;
            double b = right - (right - left) / 3;
            if (sign * scorer.passed(concept, a) < sign * scorer.passed(concept, b)) {
                left = a;
            } else {
                right = b;
            }
        }
        double fine = 0.5 * (left + right);
        double coarse = low + best * step;
        return sign * scorer.passed(concept, fine) > sign * scorer.passed(concept, coarse) ? fine : coarse;
    }

    private @Nullable Change towards(int rival, Decision decision, double[][] ends) {
        double need = decision.logits()[decision.predicted()] - decision.logits()[rival] + MARGIN;
        List<Lever> levers = levers(rival, decision, ends);
        int count = 0;
        double reached = 0;
        while (reached < need && count < levers.size()) {
            reached += levers.get(count).gain();
            count++;
        }
        if (reached < need) {
            return null;
        }
        return change(levers.subList(0, count), decision, ends);
    }

    /** Moves all levers but the last to their best, and the last as far as any class needs to win over the predicted one. */
    private Change change(List<Lever> levers, Decision decision, double[][] ends) {
        List<Counterfactual.Move> moves = new ArrayList<>();
        double[] scores = decision.scores().clone();
        double distance = 0;
        for (int i = 0; i < levers.size(); i++) {
            Lever lever = levers.get(i);
            int m = lever.concept();
            double from = scores[m];
            double to =
                    i == levers.size() - 1 ? flip(lever, Decision.of(scorer, scores), decision, ends) : lever.best();
            scores[m] = to;
            distance += range.distance(m, from, to);
            moves.add(new Counterfactual.Move(names.concept(m), from, to));
        }
        return new Change(moves, scores, distance);
    }

    /** The nearest score of the last lever at which the class that was predicted at first loses to any other. */
    private double flip(Lever last, Decision now, Decision first, double[][] ends) {
        int predicted = first.predicted();
        int m = last.concept();
        double from = now.scores()[m];
        double nearest = last.best();
        for (int rival = 0; rival < scorer.classes(); rival++) {
            double coefficient = scorer.map().weight(rival, m) - scorer.map().weight(predicted, m);
            double need = now.logits()[predicted] - now.logits()[rival] + MARGIN;
            double best = ends[m][coefficient > 0 ? 1 : 0];
            double gain = coefficient * (scorer.passed(m, best) - now.passed()[m]);
            if (rival != predicted && coefficient != 0 && gain >= need) {
                double to = nearest(new Lever(m, coefficient, best, gain), from, need);
                nearest = Math.abs(to - from) < Math.abs(nearest - from) ? to : nearest;
            }
        }
        return nearest;
    }

    private List<Lever> levers(int rival, Decision decision, double[][] ends) {
        NamedMap map = scorer.map();
        List<Lever> levers = new ArrayList<>();
        for (int m = 0; m < map.concepts(); m++) {
            double coefficient = map.weight(rival, m) - map.weight(decision.predicted(), m);
            if (coefficient == 0 || !map.uses(m) || range.low(m) == range.high(m) || neverVaries(m)) {
                continue;
            }
            double best = ends[m][coefficient > 0 ? 1 : 0];
            double gain = coefficient * (scorer.passed(m, best) - decision.passed()[m]);
            if (gain > 0) {
                levers.add(new Lever(m, coefficient, best, gain));
            }
        }
        levers.sort(Comparator.comparingDouble(Lever::gain).reversed());
        return levers;
    }

    private boolean neverVaries(int concept) {
        return scorer.standardise(concept, 1) == scorer.standardise(concept, 0);
    }

    /** The score nearest to where it stands at which the lever gains at least what is needed. */
    private double nearest(Lever lever, double from, double need) {
        if (!scorer.gated()) {
            double to = from + need / lever.coefficient();
            return Math.min(range.high(lever.concept()), Math.max(range.low(lever.concept()), to));
        }
        double step = (range.high(lever.concept()) - range.low(lever.concept())) / STEPS;
        double furthest = Math.abs(lever.best() - from);
        for (double moved = step; moved < furthest; moved += step) {
            for (int side = -1; side <= 1; side += 2) {
                double to = from + side * moved;
                if (within(lever.concept(), to) && gain(lever, from, to) >= need) {
                    return bisected(lever, from, from + side * (moved - step), to, need);
                }
            }
        }
        double towards = lever.best() - Math.signum(lever.best() - from) * Math.min(step, furthest);
        return gain(lever, from, towards) >= need ? towards : bisected(lever, from, towards, lever.best(), need);
    }

    private boolean within(int concept, double score) {
        return score >= range.low(concept) && score <= range.high(concept);
    }

    private double gain(Lever lever, double from, double to) {
        return lever.coefficient() * (scorer.passed(lever.concept(), to) - scorer.passed(lever.concept(), from));
    }

    /** Between a score that does not gain enough and one that does, the nearest to the first that does. */
    private double bisected(Lever lever, double from, double tooLittle, double enough, double need) {
        double a = tooLittle;
        double b = enough;
        for (int i = 0; i < 60; i++) {
            double middle = 0.5 * (a + b);
            if (gain(lever, from, middle) >= need) {
                b = middle;
            } else {
                a = middle;
            }
        }
        return Math.min(range.high(lever.concept()), Math.max(range.low(lever.concept()), b));
    }
}
