package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;

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

    /** The weights, with column codes where they are 2:4. */
    MemorySegment data();

    /** The float32 scales, empty where there are none. */
    MemorySegment scales();

    /** Bytes of weights, column codes and scales together: what a product with one vector reads. */
    default long bytes() {
        return data().byteSize() + scales().byteSize();
    }

    /** Writes a row's weights as float32 [columns], 0 where none was kept; such as the embedding of a token. */
    void row(int row, MemorySegment out);
}
