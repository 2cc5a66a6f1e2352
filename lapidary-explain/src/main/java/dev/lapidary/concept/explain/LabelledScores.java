package dev.lapidary.concept.explain;

import dev.lapidary.metric.BinaryScores;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;

/**
 * What a model says of concepts on some items, and what is true.
 *
 * @param scores higher where a concept is more present, in any unit, finite [n, k]
 * @param labels 1 where it is present, 0 where it is absent, {@link #UNKNOWN} where that is not known [n, k]
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record LabelledScores(float[][] scores, byte[][] labels) {
    /** The label of an item that does not count for a concept. */
    public static final byte UNKNOWN = -1;

    /** Checks that there are items, sizes, scores and labels. */
    public LabelledScores {
        if (scores.length == 0 || scores.length != labels.length) {
            throw new InputException("scores and labels must be of the same items, at least 1; got " + scores.length
                    + " and " + labels.length);
        }
        int concepts = scores[0].length;
        for (int i = 0; i < scores.length; i++) {
            if (scores[i].length != concepts || labels[i].length != concepts) {
                throw new InputException("scores and labels must be of the same concepts for every item, " + concepts
                        + "; got " + scores[i].length + " and " + labels[i].length + " for item " + (i + 1));
            }
            for (int k = 0; k < concepts; k++) {
                requireUsable(scores[i][k], labels[i][k], i, k);
            }
        }
    }

    private static void requireUsable(float score, byte label, int item, int concept) {
        if (!Float.isFinite(score)) {
            throw new InputException(
                    "scores must be finite; got " + score + " for item " + (item + 1) + ", concept " + (concept + 1));
        }
        if (label < UNKNOWN || label > 1) {
            throw new InputException("labels must be 1, 0 or " + UNKNOWN + "; got " + label + " for item " + (item + 1)
                    + ", concept " + (concept + 1));
        }
    }

    /** Returns n. */
    public int items() {
        return scores.length;
    }

    /** Returns k. */
    public int concepts() {
        return scores[0].length;
    }

    /**
     * Sets the scores of one concept against the labels of another, or of the same; items of unknown label are left out.
     *
     * @param scored column of the scores
     * @param labelled column of the labels
     */
    BinaryScores column(int scored, int labelled) {
        return BinaryScores.of(ofLabel(scored, labelled, 1), ofLabel(scored, labelled, 0));
    }

    private double[] ofLabel(int scored, int labelled, int label) {
        double[] column = new double[items()];
        int size = 0;
        for (int i = 0; i < column.length; i++) {
            if (labels[i][labelled] == label) {
                column[size++] = scores[i][scored];
            }
        }
        return Arrays.copyOf(column, size);
    }
}
