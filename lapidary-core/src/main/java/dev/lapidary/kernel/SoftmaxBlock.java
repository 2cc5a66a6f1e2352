package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.Simd;

/**
 * The inner products and the softmax of a {@link RowBlock}, four rows by two classes at a time: a Vector API body and its
 * scalar twin.
 */
sealed interface SoftmaxBlock permits VectorSoftmaxBlock, ScalarSoftmaxBlock {
    /** Returns the vector body where SIMD is on and the rows fill a vector, otherwise the twin. */
    static SoftmaxBlock best(int width) {
        if (Simd.on()) {
            SoftmaxBlock vector = new VectorSoftmaxBlock();
            if (width >= vector.lanes()) {
                return vector;
            }
        }
        return new ScalarSoftmaxBlock();
    }

    /** Returns how many floats of a row it reads at once. */
    int lanes();

    /** Sets the logits of rows row to row + 3 for classes k and k + 1: row times weights, without bias. */
    void products(RowBlock block, int row, float[] weights, int k);

    /** Adds rows row to row + 3, each times its factor, to the gradient of classes k and k + 1. */
    void accumulate(RowBlock block, int row, int k);

    /** Turns the logits of the first classes into probabilities, in place, and sets largest and sums. */
    void softmax(RowBlock block, int classes);
}
