package dev.lapidary.concept.search;

import dev.lapidary.runtime.kernel.RowKernels;
import java.lang.foreign.Arena;

/** Matrix products as dot products of rows, each product on its calling thread. */
final class RowProducts implements SearchProducts {
    @Override
    public boolean available() {
        return true;
    }

    @Override
    public int threads() {
        return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public Lease oneThreadPerProduct() {
        return () -> {};
    }

    @Override
    public void timesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        int width = a.width();
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.rows(); j++) {
                out.set(i, j, RowKernels.dot(a.memory(), a.at(i), b.memory(), b.at(j), width));
            }
        }
    }

    @Override
    public void transposedTimes(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (Arena arena = Arena.ofConfined()) {
            timesTransposed(transposed(a, arena), transposed(b, arena), out);
        }
    }

    @Override
    public void times(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        try (Arena arena = Arena.ofConfined()) {
            timesTransposed(a, transposed(b, arena), out);
        }
    }

    private static FloatMatrix transposed(FloatMatrix matrix, Arena arena) {
        FloatMatrix turned = FloatMatrix.allocate(arena, matrix.width(), matrix.rows());
        for (int i = 0; i < matrix.rows(); i++) {
            for (int j = 0; j < matrix.width(); j++) {
                turned.set(j, i, matrix.get(i, j));
            }
        }
        return turned;
    }
}
