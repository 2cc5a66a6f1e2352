package dev.lapidary.concept.search;

import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import java.util.Arrays;

/**
 * The scores of a batch of items for every class, and what normalisation had to leave out.
 *
 * <p>Scores are unitless float32: cosines for the rules cosine and cubed (equal to the float64 definition to 1e-5), for the rule
 * max the class's normalised similarity to the item's nearest concept. The first of equal scores wins.
 */
public final class SearchResult {
    /** Stands for "undecided" where a class index is expected. */
    public static final int UNDECIDED = -1;

    private final Variant variant;
    private final float[] scores; // [n, K]
    private final int classes;
    private final int[] predictions; // [n]
    private final ColumnScale scale;
    private final int[] fallbackItems;
    private final boolean classesFellBack;

    SearchResult(
            Variant variant,
            float[] scores,
            int classes,
            ColumnScale scale,
            int[] fallbackItems,
            boolean classesFellBack) {
        this.variant = variant;
        this.scores = scores;
        this.classes = classes;
        this.scale = scale;
        this.fallbackItems = fallbackItems;
        this.classesFellBack = classesFellBack;
        this.predictions = new int[scores.length / classes];
        Arrays.setAll(predictions, this::best);
    }

    private int best(int item) {
        int best = 0;
        for (int k = 1; k < classes; k++) {
            if (score(item, k) > score(item, best)) {
                best = k;
            }
        }
        return best;
    }

    /** How the scores were made. */
    public Variant variant() {
        return variant;
    }

    /** Number of items, n. */
    public int items() {
        return predictions.length;
    }

    /** Number of classes, K. */
    public int classes() {
        return classes;
    }

    /** Score of an item for a class. */
    public float score(int item, int classIndex) {
        return scores[item * classes + classIndex];
    }

    /** Returns a copy of an item's scores, [K]. */
    public float[] scores(int item) {
        return Arrays.copyOfRange(scores, item * classes, (item + 1) * classes);
    }

    /** Returns a copy of the class with the highest score per item, [n]. */
    public int[] predictions() {
        return predictions.clone();
    }

    /** Best score minus second best, 0 or more; infinite where there is one class only. */
    public float margin(int item) {
        float second = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
            if (k != predictions[item]) {
                second = Math.max(second, score(item, k));
            }
        }
        return score(item, predictions[item]) - second;
    }

    /** Returns predictions, [n], with {@link #UNDECIDED} where the margin is below a threshold. */
    public int[] decisions(float marginBelow) {
        int[] decisions = predictions.clone();
        for (int i = 0; i < decisions.length; i++) {
            if (margin(i) < marginBelow) {
                decisions[i] = UNDECIDED;
            }
        }
        return decisions;
    }

    /**
     * Returns the highest threshold for {@link #decisions} that leaves at least a share of these items decided. Choose it on
     * validation items.
     *
     * @param share in (0, 1]
     */
    public float marginForCoverage(double share) {
        if (!(share > 0 && share <= 1) || items() == 0) {
            throw new IllegalArgumentException(
                    "coverage must be in (0, 1] of at least one item; got " + share + " of " + items());
        }
        float[] margins = new float[items()];
        for (int i = 0; i < margins.length; i++) {
            margins[i] = margin(i);
        }
        Arrays.sort(margins);
        int decided = (int) Math.ceil(share * margins.length - 1e-9);
        return margins[margins.length - decided];
    }

    /** Indices of the concepts that stayed out because their mean similarity was below the floor, ascending. */
    public int[] droppedConcepts() {
        return scale.dropped().clone();
    }

    /** Indices in the batch of the items whose mean similarity was below the floor, so that their row was not normalised. */
    public int[] fallbackItems() {
        return fallbackItems.clone();
    }

    /** Whether the classes were not normalised by rows, because the mean similarity of one of them was below the floor. */
    public boolean classesFellBack() {
        return classesFellBack;
    }

    ColumnScale scale() {
        return scale;
    }
}
