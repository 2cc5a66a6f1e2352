package dev.lapidary.concept.search;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.kernel.RowKernels;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Hands out items in blocks of rows scaled to unit length. A worker takes a block through all its steps while it is in the caches.
 */
final class ItemBlocks {
    private static final int MEAN_ROWS = 256; // saved means keep their bytes

    private final EmbeddingMatrix items;
    private final int @Nullable [] rows;
    private final int count;

    /** Takes the given rows of the items, or all where rows is null. */
    ItemBlocks(EmbeddingMatrix items, int @Nullable [] rows) {
        this.items = items;
        this.rows = rows;
        this.count = rows == null ? items.rows() : rows.length;
    }

    int count() {
        return count;
    }

    /** What a worker does with items [start, start + count), whose unit embeddings stand in block [rows, d]. */
    interface Step {
        void accept(FloatMatrix block, int start, int count);
    }

    /** Makes a worker's step, with buffers from an arena that closes after the worker's last block. */
    interface StepMaker {
        Step make(Arena arena);
    }

    void forEach(StepMaker maker) {
        forEach(RowBlocks.ROWS, maker);
    }

    private void forEach(int rowsOfBlock, StepMaker maker) {
        RowBlocks.forEach("scoring of items", count, rowsOfBlock, arena -> {
            Step step = maker.make(arena);
            FloatMatrix block = FloatMatrix.allocate(arena, rowsOfBlock, items.width());
            return (start, size) -> {
                for (int i = 0; i < size; i++) {
                    unit(start + i, block, i, 1);
                }
                step.accept(block, start, size);
            };
        });
    }

    /** Writes item i with unit length into a row of a block; sign -1 turns it round. */
    void unit(int i, FloatMatrix block, int row, float sign) {
        int item = rows == null ? i : rows[i];
        int width = items.width();
        float length = RowKernels.unit(items.rowSegment(item), 0, block.memory(), block.at(row), width, sign);
        if (!(length > 0 && length <= Float.MAX_VALUE)) {
            throw new InputException("an embedding must have a finite length above 0; got " + length + " in row "
                    + (item + 1) + " of " + items.rows());
        }
    }

    /** Returns the mean of the unit embeddings in float64, [d]; the same whatever the number of cores. */
    double[] mean() {
        int width = items.width();
        float[][] sums = new float[Math.ceilDiv(count, MEAN_ROWS)][width];
        forEach(MEAN_ROWS, arena -> (block, start, size) -> {
            for (int i = 0; i < size; i++) {
                RowKernels.addTo(sums[start / MEAN_ROWS], block.memory(), block.at(i), width);
            }
        });
        double[] mean = new double[width];
        for (float[] sum : sums) {
            for (int j = 0; j < width; j++) {
                mean[j] += (double) sum[j] / count;
            }
        }
        return mean;
    }
}
