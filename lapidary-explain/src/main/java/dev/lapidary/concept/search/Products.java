package dev.lapidary.concept.search;

import dev.lapidary.runtime.kernel.RowProducts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Matrix products on all cores, with the same bits on any number of them. */
final class Products {
    private Products() {}

    /** Writes one row of the left matrix, d floats, to the beginning of a segment. */
    interface Rows {
        void write(int row, MemorySegment to);
    }

    /** Returns rows · matrixᵀ in memory of the arena, which must be shared: rows [n, d], matrix [m, d], result [n, m]. */
    static FloatMatrix of(Arena arena, Rows rows, int n, RowProducts matrix) {
        FloatMatrix result = FloatMatrix.allocate(arena, n, matrix.rows());
        RowBlocks.forEach("a product", n, RowBlocks.ROWS, own -> {
            FloatMatrix block = FloatMatrix.allocate(own, RowBlocks.ROWS, matrix.columns());
            FloatMatrix products = FloatMatrix.allocate(own, RowBlocks.ROWS, matrix.stride());
            return (start, count) -> {
                for (int i = 0; i < count; i++) {
                    rows.write(start + i, block.part(i, 1).memory());
                }
                matrix.multiply(block.memory(), block.width(), count, products.memory());
                for (int i = 0; i < count; i++) {
                    MemorySegment row = products.memory().asSlice(products.at(i), result.at(1));
                    result.part(start + i, 1).memory().copyFrom(row);
                }
            };
        });
        return result;
    }
}
