package dev.lapidary.bench;

import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A matrix times one vector, as every token needs it: 2:4 weights against dense ones of the same type. Each side goes round
 * matrices that together are at least eight times the last cache, so that weights come from memory.
 */
final class GemvBench implements Benchmark {
    private static final int ROWS = 4096;
    private static final int COLUMNS = 11008;
    private static final long LEAST_BYTES = 8L * (32 << 20); // eight times a last cache of 32 MiB
    private static final int REPETITIONS = 15;
    private static final double WARM_UP_SECONDS = 3;

    private final WeightType type;

    GemvBench(WeightType type) {
        this.type = type;
    }

    @Override
    public String name() {
        return "gemv-" + type;
    }

    @Override
    public String summary() {
        return "2:4 against dense " + type + " weights (4096 x 11008) times one vector, from memory";
    }

    @Override
    public Map<String, Object> run() {
        int threads = Runtime.getRuntime().availableProcessors();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(threads)) {
            RandomWeights weights = new RandomWeights(ROWS, COLUMNS, arena);
            WeightMatrix sparse = weights.sparse(type);
            WeightMatrix dense = weights.dense(type);
            int copies = (int) ((LEAST_BYTES - 1) / sparse.bytes()) + 1;
            MemorySegment x = weights.vectors(1);
            MemorySegment y = arena.allocate(4L * ROWS, 64);
            double difference = Math.max(
                    RandomWeights.difference(products, sparse, x, y), RandomWeights.difference(products, dense, x, y));
            Round ours = new Round(products, RandomWeights.copies(sparse, copies, arena), x, y);
            Round reference = new Round(products, RandomWeights.copies(dense, copies, arena), x, y);
            BoundedTiming timing = BoundedTiming.measure(
                    new BoundedTiming.Side(ours::rate, sparse.bytes()),
                    new BoundedTiming.Side(reference::rate, dense.bytes()),
                    WARM_UP_SECONDS,
                    threads,
                    REPETITIONS);
            timing.report(result);
            result.put("reference", "the dense " + type + " matrices of the same shape, our kernel");
            result.put("ratioOfBytes", (double) dense.bytes() / sparse.bytes());
            result.put("threads", threads);
            result.put("simd", Simd.describe());
            result.put("sizes", Map.of("rows", ROWS, "columns", COLUMNS, "matrices", copies));
            result.put("equal", difference <= RandomWeights.TOLERANCE);
            result.put("difference", difference);
        }
        return result;
    }

    /** Matrices, one after the other and again from the start. */
    private static final class Round {
        private final MatrixProducts products;
        private final List<WeightMatrix> matrices;
        private final MemorySegment x;
        private final MemorySegment y;

        Round(MatrixProducts products, List<WeightMatrix> matrices, MemorySegment x, MemorySegment y) {
            this.products = products;
            this.matrices = matrices;
            this.x = x;
            this.y = y;
        }

        /** Goes round once and returns the products per second. */
        double rate() {
            long start = System.nanoTime();
            for (WeightMatrix matrix : matrices) {
                products.multiply(matrix, x, 1, y);
            }
            return matrices.size() * 1e9 / (System.nanoTime() - start);
        }
    }
}
