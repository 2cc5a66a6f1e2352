package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.DecoderKernels;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer: y = x·Wᵀ + b.
 *
 * @param weight [out, in]
 * @param bias [out]
 */
record Linear(WeightMatrix weight, @Nullable MemorySegment bias) {
    /** Maps x [rows, in] to y [rows, out]. */
    void apply(MatrixProducts products, MemorySegment x, int rows, MemorySegment y) {
        products.multiply(weight, x, rows, y);
        addBias(y, rows);
    }

    void addBias(MemorySegment y, int rows) {
        if (bias != null) {
            DecoderKernels.addBias(y, bias, rows);
        }
    }
}
