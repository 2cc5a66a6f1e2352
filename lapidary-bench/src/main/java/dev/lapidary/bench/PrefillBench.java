package dev.lapidary.bench;

import dev.lapidary.kernel.MachineProbe;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A matrix times 512 vectors, as reading a prompt needs it: our kernels in Java against PyTorch's float32 product. */
final class PrefillBench implements Benchmark {
    private static final int TOKENS = 512;
    private static final int ROWS = 4096;
    private static final int COLUMNS = 4096;
    private static final int REPETITIONS = 7;
    private static final double WARM_UP_SECONDS = 3;
    private static final String PRODUCT = "product";
    private static final String DIFFERENCE = "difference";

    @Override
    public String name() {
        return "prefill";
    }

    @Override
    public String summary() {
        return "weights of every kind (4096 x 4096) times 512 vectors in Java against PyTorch's float32 product";
    }

    @Override
    public Map<String, Object> run() {
        int threads = Runtime.getRuntime().availableProcessors();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(threads);
                SideProcess pytorch = SideProcess.start(PrefillBench.class)) {
            pytorch.setThreads(threads, threads);
            RandomWeights weights = new RandomWeights(ROWS, COLUMNS, arena);
            MemorySegment x = weights.vectors(TOKENS);
            MemorySegment y = arena.allocate(4L * TOKENS * ROWS, 64);
            Map<String, Object> kinds = new LinkedHashMap<>();
            double difference = pytorch.number(DIFFERENCE);
            PairedTiming f32 = new PairedTiming(Double.NaN, Double.NaN, 0);
            for (WeightType type : WeightType.packed()) {
                for (WeightMatrix matrix : new WeightMatrix[] {weights.dense(type), weights.sparse(type)}) {
                    PairedTiming.Side ours = new PairedTiming.Side(() -> products.multiply(matrix, x, TOKENS, y), 1);
                    PairedTiming timing =
                            PairedTiming.measure(ours, () -> pytorch.number(PRODUCT), WARM_UP_SECONDS, REPETITIONS);
                    f32 = f32.repetitions() == 0 ? timing : f32; // dense float32 comes first
                    kinds.put(
                            (matrix instanceof SparseMatrix ? "2:4 " : "dense ") + type,
                            Map.of("ourMillis", timing.ourMillis(), "ratio", timing.ratio()));
                    difference = Math.max(difference, RandomWeights.difference(matrix, x, y));
                }
            }
            report(result, f32, kinds, threads);
            pytorch.report(result);
            result.put("equal", difference <= RandomWeights.TOLERANCE);
            result.put("difference", difference);
        }
        return result;
    }

    /** The side of PyTorch: its product of the same numbers, and how far that is from sums in float64. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            RandomWeights weights = new RandomWeights(ROWS, COLUMNS, Arena.global());
            MemorySegment x = weights.vectors(TOKENS);
            Tensor vectors = Tensors.wrap(x, TOKENS, COLUMNS);
            Tensor turned = Tensors.wrap(weights.weights(), ROWS, COLUMNS).t();
            Tensor out = torch.mm(vectors, turned); // [tokens, rows]
            WeightMatrix matrix = weights.dense(WeightType.F32);
            return Map.of(
                    PRODUCT,
                    new PairedTiming.Side(() -> torch.mm_out(out, vectors, turned), 1)::millis,
                    DIFFERENCE,
                    () -> RandomWeights.difference(matrix, x, Tensors.segment(out)));
        });
    }

    private static void report(
            Map<String, Object> result, PairedTiming timing, Map<String, Object> kinds, int threads) {
        double operations = 2.0 * TOKENS * ROWS * COLUMNS;
        double peak = MachineProbe.flops(threads);
        result.put("ratio", timing.ratio());
        result.put("reference", "the same float32 product in PyTorch " + Torch.version() + " on as many threads");
        result.put("bound", operations / timing.ourMillis() * 1e3 / peak);
        result.put("boundOf", "fused multiply-adds in registers, " + peak / 1e9 + " GFLOP/s on the same threads");
        result.put("kinds", kinds);
        result.put("ourMillis", timing.ourMillis());
        result.put("referenceMillis", timing.referenceMillis());
        result.put("threads", threads);
        result.put("simd", Simd.describe());
        result.put("sizes", Map.of("tokens", TOKENS, "rows", ROWS, "columns", COLUMNS));
        result.put("repetitions", timing.repetitions());
    }
}
