package dev.lapidary.runtime.kernel;

/**
 * The loops of {@link MatrixProducts}. Both implementations perform the same operations in the same order on every value,
 * whatever the width of a vector, so they give the same bits. All memory comes as addresses of checked segments.
 */
sealed interface ProductPasses permits ScalarProductPasses, VectorProductPasses {
    /** Bytes that {@link #prepare} writes for a matrix, a multiple of 64. */
    long preparedBytes(WeightMatrix weights);

    /** Writes x [columns] in the order in which the matrix's loop wants it. */
    void prepare(WeightMatrix weights, long x, long prepared);

    /** Sets y[from .. to) to those rows times x; to - from is at most {@link SparseLayout#PANEL}. */
    void dense(DenseMatrix weights, int from, int to, ProductScratch scratch, long y);

    /** Sets the entries of y that belong to the panels [from, to) to their rows times x. */
    void sparse(SparseMatrix weights, int from, int to, ProductScratch scratch, long y);

    /** Tokens of a panel of x in {@link #multiply}. */
    int tokens();

    /**
     * Writes columns [from, from + n) of rows [row, row + rows) as float32, without row scales, to where
     * {@link WeightBlock#DENSE} says.
     */
    void unpack(DenseMatrix weights, int row, int rows, int from, int n, long to);

    /** Writes chunks of columns from a multiple of 32 on, n of them, of a panel of rows to where {@link WeightBlock#SPARSE} says. */
    void unpack(SparseMatrix weights, int panel, int from, int n, long to);

    /**
     * Sets sums [rows, tokens] to weights [rows, n] times x [n, tokens], or adds that to them.
     *
     * @param rows a multiple of 8
     * @param sumRow bytes from a row of sums to the next
     */
    void multiply(long weights, WeightBlock block, int rows, int n, long x, long sums, long sumRow, boolean add);
}
