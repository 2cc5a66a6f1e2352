package dev.lapidary.bench;

import dev.lapidary.torch.Products;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Measures how fast this machine multiplies large matrices: the practical limit of work that is mostly products. */
final class ProductRate {
    private static final int SIDE = 2048;
    private static final int REPETITIONS = 9;

    private ProductRate() {}

    /** Returns floating point operations per second of a float32 2048 x 2048 product, the median, on PyTorch's present threads. */
    static double flops() {
        return flops(Products.F32);
    }

    /** As above, with factors of a type. */
    static double flops(Products products) {
        ScalarType type = products == Products.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
        try (var scope = TorchScope.open()) {
            Tensor a = torch.randn(SIDE, SIDE).to(type);
            Tensor b = torch.randn(SIDE, SIDE).to(type);
            Tensor out = torch.mm(a, b);
            // into memory that is there already: the rate, not the page faults
            var side = new PairedTiming.Side(() -> torch.mm_out(out, a, b), 1);
            double millis = PairedTiming.alone(side, 0.3, REPETITIONS);
            return 2.0 * SIDE * SIDE * SIDE / (millis / 1e3);
        }
    }
}
