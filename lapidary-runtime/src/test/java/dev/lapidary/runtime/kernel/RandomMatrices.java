package dev.lapidary.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random weights, codes and vectors for the tests of products. */
final class RandomMatrices {
    private RandomMatrices() {}

    /** Returns n normal float32 that start at an odd multiple of 4 bytes. */
    static MemorySegment floats(Arena arena, long n, long seed) {
        MemorySegment all = arena.allocate(4 * n + 4, 64).asSlice(4);
        Random random = new Random(seed);
        for (long i = 0; i < n; i++) {
            all.setAtIndex(MatrixMemory.FLOAT, i, (float) random.nextGaussian());
        }
        return all;
    }

    static byte[] codes(int groups, long seed) {
        Random random = new Random(seed);
        byte[] codes = new byte[groups];
        for (int i = 0; i < groups; i++) {
            codes[i] = (byte) random.nextInt(6);
        }
        return codes;
    }

    /** Returns a copy that starts at an odd byte. */
    private static MemorySegment shifted(Arena arena, MemorySegment data) {
        MemorySegment copy = arena.allocate(data.byteSize() + 1, 64).asSlice(1);
        return copy.copyFrom(data);
    }

    /** Returns a matrix of every kind that this shape allows, dense ones at odd addresses. */
    static List<WeightMatrix> all(Arena arena, int rows, int columns, long seed) {
        MemorySegment weights = floats(arena, (long) rows * columns, seed);
        List<WeightMatrix> all = new ArrayList<>();
        DenseMatrix bf16 = DenseMatrix.pack(WeightType.BF16, weights, rows, columns, arena);
        DenseMatrix f16 = DenseMatrix.pack(WeightType.F16, weights, rows, columns, arena);
        DenseMatrix int8 = DenseMatrix.pack(WeightType.INT8, weights, rows, columns, arena);
        DenseMatrix blocks = DenseMatrix.packBlocks(weights, rows, columns, arena);
        all.add(DenseMatrix.f32(rows, columns, shifted(arena, weights.asSlice(0, 4L * rows * columns))));
        all.add(DenseMatrix.bf16(rows, columns, shifted(arena, bf16.data())));
        all.add(DenseMatrix.f16(rows, columns, shifted(arena, f16.data())));
        all.add(DenseMatrix.int8(rows, columns, shifted(arena, int8.data()), shifted(arena, int8.scales())));
        all.add(DenseMatrix.int8Blocks(rows, columns, shifted(arena, blocks.data()), shifted(arena, blocks.scales())));
        if (columns % 4 == 0) {
            for (WeightType type : WeightType.packed()) {
                all.add(SparseMatrix.pack(type, weights, codes(rows * columns / 4, seed), rows, columns, arena));
            }
        }
        return all;
    }

    /** Returns the weights [rows, columns] as the matrix holds them. */
    static float[][] weights(WeightMatrix matrix) {
        float[][] weights = new float[matrix.rows()][];
        MemorySegment row = Arena.ofAuto().allocate(4L * matrix.columns());
        for (int i = 0; i < weights.length; i++) {
            switch (matrix) {
                case DenseMatrix dense -> dense.row(i, row);
                case SparseMatrix sparse -> sparse.row(i, row);
            }
            weights[i] = row.toArray(MatrixMemory.FLOAT);
        }
        return weights;
    }

    static String name(WeightMatrix matrix) {
        String kind = matrix instanceof DenseMatrix dense ? "dense " + dense.scaling() : "2:4";
        return kind + " " + matrix.type() + " " + matrix.rows() + "x" + matrix.columns();
    }
}
