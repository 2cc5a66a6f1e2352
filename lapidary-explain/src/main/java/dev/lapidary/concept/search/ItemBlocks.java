package dev.lapidary.concept.search;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Workers;
import dev.lapidary.runtime.kernel.RowKernels;
import java.lang.foreign.Arena;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands out items in blocks of {@value #ROWS}, scaled to unit length, to as many workers as there
 * are threads for products.
 *
 * <p>A worker takes a block through all its steps while it is in the caches, each product on its own thread: with the products'
 * own pool beneath two workers, the same work took 1.8 to 6 times as long on two busy cores. The last block is filled up with zeros, so every
 * product has the same shape and an item gets the same bits whatever stands beside it.
 */
final class ItemBlocks {
    /** 256 rows times some thousand concepts stay within a share of the last-level cache, and keep a product efficient. */
    static final int ROWS = 256;

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

    /** What a worker does with items [start, start + count), whose unit embeddings stand in block [ROWS, d]. */
    interface Step {
        void accept(FloatMatrix block, int start, int count);
    }

    /** Makes a worker's step, with buffers from an arena that closes after the worker's last block. */
    interface StepMaker {
        Step make(Arena arena);
    }

    void forEach(StepMaker maker) {
        int blocks = (count + ROWS - 1) / ROWS;
        int workers = Math.min(blocks, Products.threads());
        AtomicInteger next = new AtomicInteger();
        Callable<Void> work = () -> {
            try (Arena arena = Arena.ofConfined()) {
                Step step = maker.make(arena);
                FloatMatrix block = FloatMatrix.allocate(arena, ROWS, items.width());
                for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
                    int start = b * ROWS;
                    int size = Math.min(ROWS, count - start);
                    fill(block, start, size);
                    step.accept(block, start, size);
                }
            }
            return null;
        };
        run(work, workers);
    }

    private void fill(FloatMatrix block, int start, int size) {
        for (int i = 0; i < size; i++) {
            unit(start + i, block, i, 1);
        }
        if (size < ROWS) {
            block.part(size, ROWS - size).memory().fill((byte) 0);
        }
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
        float[][] sums = new float[(count + ROWS - 1) / ROWS][width];
        forEach(arena -> (block, start, size) -> {
            for (int i = 0; i < size; i++) {
                RowKernels.addTo(sums[start / ROWS], block.memory(), block.at(i), width);
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

    private static void run(Callable<Void> work, int workers) {
        try (SearchProducts.Lease lease = Products.oneThreadPerProduct()) {
            Workers.run("scoring of items", workers, work);
        }
    }
}
