package dev.lapidary.runtime.kernel;

/** How a block of unpacked weights [64, {@value #COLUMNS}] float32 lies in a worker's memory. */
enum WeightBlock {
    /** Row after row, with a gap of a cache line so that rows do not share a set of the cache. */
    DENSE(4L * (WeightBlock.COLUMNS + 16), 4),

    /** Sixteen rows after sixteen rows; in these column after column, a lane per row. */
    SPARSE(4, 4L * SparseLayout.BLOCK);

    /** Columns of a block. */
    static final int COLUMNS = 256;

    /** Bytes of a block in either order. */
    static final long BYTES = SparseLayout.PANEL * 4L * (COLUMNS + 16);

    /** Bytes from a row to the next, within sixteen rows. */
    final long row;

    /** Bytes from a column to the next. */
    final long column;

    WeightBlock(long row, long column) {
        this.row = row;
        this.column = column;
    }

    /** Offset of a row, its first column. */
    long rowAt(int index) {
        return this == DENSE
                ? index * row
                : (long) (index / SparseLayout.BLOCK) * COLUMNS * column + index % SparseLayout.BLOCK * row;
    }
}
