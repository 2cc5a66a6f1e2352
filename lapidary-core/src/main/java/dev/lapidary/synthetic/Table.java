package dev.lapidary.synthetic;

/**
 * A table with its truth. Its arrays are not copied.
 *
 * @param features [rows, columns]
 * @param target [rows]; of classes their numbers from 0
 * @param groups [rows], from 0
 * @param times [rows], in [0, 1), rising
 */
@SuppressWarnings("ArrayRecordComponent") // data to be read
public record Table(double[][] features, double[] target, int[] groups, double[] times, TableTruth truth) {
    /** Returns the target of a classification as class numbers. */
    public int[] labels() {
        int[] labels = new int[target.length];
        for (int row = 0; row < labels.length; row++) {
            labels[row] = (int) target[row];
            if (labels[row] != target[row]) {
                throw new IllegalStateException("labels are those of a classification; got a target " + target[row]);
            }
        }
        return labels;
    }

    /** Returns the best prediction for a row, from the truth: the expected target, or the likeliest class. */
    public double oracle(int row) {
        return truth.best(truth.scores(features[row], groups[row], times[row]));
    }
}
