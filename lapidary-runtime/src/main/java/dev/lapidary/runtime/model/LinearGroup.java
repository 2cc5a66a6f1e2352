package dev.lapidary.runtime.model;

import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.WeightMatrix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/**
 * Linear layers of the same input, which are multiplied together.
 *
 * @param weights the layers' weights, in a list of their own since products are called without allocation
 */
record LinearGroup(List<Linear> layers, List<WeightMatrix> weights) {
    static LinearGroup of(Linear... layers) {
        return new LinearGroup(
                List.of(layers), Stream.of(layers).map(Linear::weight).toList());
    }

    /** Maps x [rows, in] to each layer's y [rows, out]. */
    void apply(MatrixProducts products, MemorySegment x, int rows, List<MemorySegment> y) {
        products.multiply(weights, x, rows, y);
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).addBias(y.get(i), rows);
        }
    }
}
