package dev.lapidary.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A worker's memory for products; it grows when a larger matrix comes and is then kept. */
final class ProductScratch implements AutoCloseable {
    private static final int PARTS = 4 * SparseLayout.PANEL * ProductSums.PARTS; // bytes

    private static final int TOTALS = 2 * SparseLayout.PANEL; // of two panels side by side

    /** Sums of the rows of a panel, {@value ProductSums#PARTS} each, at the start of a cache line. */
    final long sums;

    /** One sum for each row of two panels. */
    final long totals;

    /** The same while they grow. */
    final float[] parts = new float[TOTALS];

    /** The vector that is multiplied, float32. */
    long x;

    private final Arena arena = Arena.ofShared();
    private final Grown prepared = new Grown();
    private final Grown weights = new Grown();
    private final Grown tokenSums = new Grown();

    ProductScratch() {
        sums = arena.allocate(PARTS + 4L * TOTALS, MatrixMemory.ALIGNMENT).address();
        totals = sums + PARTS;
    }

    /** Address of the prepared vector. */
    long prepared() {
        return prepared.address();
    }

    long prepared(long bytes) {
        return prepared.atLeast(bytes);
    }

    long weights() {
        return weights.atLeast(WeightBlock.BYTES);
    }

    long tokenSums(long bytes) {
        return tokenSums.atLeast(bytes);
    }

    @Override
    public void close() {
        arena.close();
        prepared.close();
        weights.close();
        tokenSums.close();
    }

    /** Native memory that is replaced by a larger one when it does not suffice; its content is then lost. */
    static final class Grown implements AutoCloseable {
        private @Nullable Arena arena;
        private MemorySegment memory = MemorySegment.NULL;

        long address() {
            return memory.address();
        }

        long atLeast(long bytes) {
            if (memory.byteSize() < bytes) {
                close();
                Arena larger = Arena.ofShared();
                arena = larger;
                memory = larger.allocate(bytes, MatrixMemory.ALIGNMENT);
            }
            return memory.address();
        }

        @Override
        public void close() {
            if (arena != null) {
                arena.close();
                arena = null;
                memory = MemorySegment.NULL;
            }
        }
    }
}
