package dev.lapidary.bench;

import dev.lapidary.runtime.kernel.DenseMatrix;
import dev.lapidary.runtime.kernel.MatrixProducts;
import dev.lapidary.runtime.kernel.SparseMatrix;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.kernel.WeightMatrix;
import dev.lapidary.runtime.kernel.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A matrix [rows, columns] of random weights and 2:4 patterns for the benchmarks of products. */
final class RandomWeights {
    /** Most that a value may be off, as a share of the sum of its products' magnitudes. */
    static final double TOLERANCE = 1e-5;

    private static final int CHECKED = 64; // values of y, spread over the rows
    private static final long PAGE = 4096;

    private final int rows;
    private final int columns;
    private final Arena arena;
    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment weights;
    private final byte[] codes;

    RandomWeights(int rows, int columns, Arena arena) {
        this.rows = rows;
        this.columns = columns;
        this.arena = arena;
        weights = floats((long) rows * columns);
        codes = new byte[rows * columns / 4];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) random.nextInt(SparsityPattern.TWO_OF_FOUR.count());
        }
    }

    private MemorySegment floats(long n) {
        MemorySegment floats = arena.allocate(4 * n, PAGE);
        for (long i = 0; i < n; i++) {
            floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        return floats;
    }

    /** The weights, float32. */
    MemorySegment weights() {
        return weights;
    }

    /** Returns vectors [n, columns]. */
    MemorySegment vectors(int n) {
        return floats((long) n * columns);
    }

    DenseMatrix dense(WeightType type) {
        return DenseMatrix.pack(type, weights, rows, columns, arena);
    }

    SparseMatrix sparse(WeightType type) {
        return SparseMatrix.pack(type, weights, codes, rows, columns, arena);
    }

    /** Returns the matrix and copies of it elsewhere in memory, n in all. */
    static List<WeightMatrix> copies(WeightMatrix matrix, int n, Arena arena) {
        List<WeightMatrix> copies = new ArrayList<>(List.of(matrix));
        while (copies.size() < n) {
            copies.add(copy(matrix, arena));
        }
        return copies;
    }

    private static WeightMatrix copy(WeightMatrix matrix, Arena arena) {
        int rows = matrix.rows();
        int columns = matrix.columns();
        return switch (matrix) {
            case DenseMatrix dense -> {
                MemorySegment data = copy(dense.data(), arena);
                yield switch (dense.type()) {
                    case F32 -> DenseMatrix.f32(rows, columns, data);
                    case BF16 -> DenseMatrix.bf16(rows, columns, data);
                    case F16 -> DenseMatrix.f16(rows, columns, data);
                    case INT8 -> DenseMatrix.int8(rows, columns, data, dense.scales());
                };
            }
            case SparseMatrix sparse -> {
                MemorySegment data = copy(sparse.data(), arena);
                yield sparse.type() == WeightType.INT8
                        ? SparseMatrix.int8(rows, columns, data, sparse.scales())
                        : SparseMatrix.of(sparse.type(), rows, columns, data);
            }
        };
    }

    private static MemorySegment copy(MemorySegment data, Arena arena) {
        return arena.allocate(data.byteSize(), PAGE).copyFrom(data);
    }

    /**
     * Multiplies one vector and returns how far values of y are at most from sums in float64, as a share of the sum of the
     * products' magnitudes.
     */
    static double difference(MatrixProducts products, WeightMatrix matrix, MemorySegment x, MemorySegment y) {
        products.multiply(matrix, x, 1, y);
        return difference(matrix, x, y);
    }

    /** Returns the same of a y that is there already. */
    static double difference(WeightMatrix matrix, MemorySegment x, MemorySegment y) {
        double furthest = 0;
        try (Arena own = Arena.ofConfined()) {
            MemorySegment row = own.allocate(4L * matrix.columns(), 64);
            int step = Math.max(1, matrix.rows() / CHECKED);
            for (int i = 0; i < matrix.rows(); i += step) {
                matrix.row(i, row);
                double off = off(row, x, matrix.columns(), y.getAtIndex(ValueLayout.JAVA_FLOAT, i));
                furthest = off <= furthest ? furthest : off; // NaN stays
            }
        }
        return furthest;
    }

    private static double off(MemorySegment row, MemorySegment x, int columns, double found) {
        double sum = 0;
        double magnitude = 0;
        for (int column = 0; column < columns; column++) {
            double product = (double) row.getAtIndex(ValueLayout.JAVA_FLOAT, column)
                    * x.getAtIndex(ValueLayout.JAVA_FLOAT, column);
            sum += product;
            magnitude += Math.abs(product);
        }
        return Math.abs(found - sum) / magnitude;
    }
}
