package dev.lapidary.runtime.kernel;

/**
 * A frozen weight matrix [rows, columns] in native memory, as {@link MatrixProducts} reads it: y = W·x.
 *
 * <p>The matrix does not own its memory: whoever allocated or mapped it keeps it alive while products are calculated.
 */
public sealed interface WeightMatrix permits DenseMatrix, SparseMatrix {
    /** Number of outputs. */
    int rows();

    /** Number of inputs. */
    int columns();

    /** How a weight is stored. */
    WeightType type();

    /** Bytes of weights, column codes and scales together: what a product with one vector reads. */
    long bytes();
}
