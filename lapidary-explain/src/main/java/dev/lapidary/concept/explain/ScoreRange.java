package dev.lapidary.concept.explain;

import dev.lapidary.concept.classifier.ConceptScorer;
import dev.lapidary.concept.classifier.SeenItems;
import dev.lapidary.data.EmbeddingMatrix;
import java.util.Arrays;

/**
 * What counts as an ordinary score of each concept: what the training items show, or, where that is not known, {@value #REACH} standard
 * deviations around the mean; and {@value #HIGH} standard deviations above the mean as a typical high value, if items reach it.
 *
 * <p>Scores of a sound model are standardised by the training items, so their mean is 0 and their deviation 1. A model in its published
 * form has 100·cosine instead; its means and deviations are then taken from given items. Shapes, float64: all [M].
 */
final class ScoreRange {
    /** How far a score may be moved from its mean, in standard deviations: beyond lie 3 of 1,000 items of a normal distribution. */
    static final double REACH = 3;

    /** A typical high value, in standard deviations above the mean: about the 95th percentile and above it. */
    static final double HIGH = 2;

    /** The unit of the scores of a sound model. */
    static final String STANDARDISED = "standard deviations from the mean of the training items";

    /** The unit of the scores of a model in its published form. */
    static final String PUBLISHED = "100 times the cosine, as published, neither centred nor scaled";

    private final double[] mean;
    private final double[] deviation;
    private final double[] low;
    private final double[] high;
    private final boolean seen;

    private ScoreRange(double[] mean, double[] deviation) {
        this.mean = mean;
        this.deviation = deviation;
        low = new double[mean.length];
        high = new double[mean.length];
        for (int m = 0; m < mean.length; m++) {
            low[m] = mean[m] - REACH * deviation[m];
            high[m] = mean[m] + REACH * deviation[m];
        }
        seen = false;
    }

    private ScoreRange(ScoreRange of, SeenItems items) {
        mean = of.mean;
        deviation = of.deviation;
        low = new double[mean.length];
        high = new double[mean.length];
        for (int m = 0; m < mean.length; m++) {
            low[m] = items.low(m);
            high[m] = items.high(m);
        }
        seen = true;
    }

    /** Of M standardised scores that stay within what training items show. */
    static ScoreRange seen(int concepts, SeenItems items) {
        return new ScoreRange(standardised(concepts), items);
    }

    /** What scores stay within, in words. */
    String bounds() {
        return seen
                ? "within the scores that training items have"
                : "within " + (int) REACH + " standard deviations of its mean";
    }

    /** Of M scores that are standardised. */
    static ScoreRange standardised(int concepts) {
        double[] ones = new double[concepts];
        Arrays.fill(ones, 1);
        return new ScoreRange(new double[concepts], ones);
    }

    /** Of the scores that items have, at least two. */
    static ScoreRange of(ConceptScorer scorer, EmbeddingMatrix items) {
        int m = scorer.map().concepts();
        double[] mean = new double[m];
        double[] squares = new double[m]; // Welford's sums of squared differences
        for (int i = 0; i < items.rows(); i++) {
            double[] s = scorer.scores(items.row(i));
            for (int j = 0; j < m; j++) {
                double before = s[j] - mean[j];
                mean[j] += before / (i + 1);
                squares[j] += before * (s[j] - mean[j]);
            }
        }
        double[] deviation = new double[m];
        for (int j = 0; j < m; j++) {
            deviation[j] = Math.sqrt(squares[j] / Math.max(1, items.rows() - 1));
        }
        return new ScoreRange(mean, deviation);
    }

    double mean(int concept) {
        return mean[concept];
    }

    double low(int concept) {
        return low[concept];
    }

    double high(int concept) {
        return high[concept];
    }

    double typicalHigh(int concept) {
        return Math.min(high[concept], mean[concept] + HIGH * deviation[concept]);
    }

    /** A distance between two scores of a concept, in standard deviations. */
    double distance(int concept, double from, double to) {
        return deviation[concept] == 0 ? 0 : Math.abs(to - from) / deviation[concept];
    }
}
