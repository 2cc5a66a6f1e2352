package dev.lapidary.bench;

import dev.lapidary.torch.Products;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Measures how fast PyTorch multiplies large matrices on this machine: the practical limit of work that is mostly products. As a
 * process it answers to the names of {@link Products}.
 */
final class ProductRate {
    private static final int SIDE = 2048;
    private static final int REPETITIONS = 9; // unless a benchmark asks for another number

    private ProductRate() {}

    /** Starts a process that measures the rate on a number of threads. */
    static SideProcess start(int threads) {
        SideProcess process = SideProcess.start(ProductRate.class);
        process.setThreads(threads, threads);
        return process;
    }

    public static void main(String[] arguments) {
        SideProcess.serve(() -> requests(REPETITIONS));
    }

    /** Returns what measures each kind of products, by its name. */
    static Map<String, Supplier<?>> requests(int repetitions) {
        return Arrays.stream(Products.values())
                .collect(Collectors.toMap(Products::name, each -> () -> flops(each, repetitions)));
    }

    /**
     * Returns floating point operations per second of a 2048 x 2048 product with factors of a type, the median, on PyTorch's present
     * threads.
     */
    static double flops(Products products, int repetitions) {
        ScalarType type = products == Products.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
        try (var scope = TorchScope.open()) {
            Tensor a = torch.randn(SIDE, SIDE).to(type);
            Tensor b = torch.randn(SIDE, SIDE).to(type);
            Tensor out = torch.mm(a, b);
            // into memory that is there already: the rate, not the page faults
            var side = new PairedTiming.Side(() -> torch.mm_out(out, a, b), 1);
            double millis = PairedTiming.alone(side, repetitions == 1 ? 0 : 0.3, repetitions);
            return 2.0 * SIDE * SIDE * SIDE / (millis / 1e3);
        }
    }
}
