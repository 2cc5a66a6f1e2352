package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Unpacks blocks of weights to float32 in the orders of {@link WeightBlock}; loaded only where {@link Simd#on()}. */
final class UnpackLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final long COLUMN = WeightBlock.SPARSE.column;

    private UnpackLanes() {}

    static void dense(DenseMatrix weights, int row, int rows, int from, int n, long to) {
        boolean blocks = weights.scaling() == DenseMatrix.Scaling.BLOCK;
        int whole = n / LANES * LANES;
        for (int r = 0; r < rows; r++) {
            long at = weights.data().address()
                    + ((long) (row + r) * weights.columns() + from)
                            * weights.type().bytes();
            long target = to + WeightBlock.DENSE.rowAt(r);
            switch (weights.type()) {
                case F32 -> floats(at, whole, target);
                case BF16 -> halves(at, whole, target);
                case F16 -> float16(at, whole, target);
                case INT8 -> bytes(at, whole, target);
            }
            for (int k = whole; k < n; k++) {
                RawMemory.set(target + 4L * k, ProductSums.stored(weights, row + r, from + k));
            }
            if (blocks) {
                scale(weights, row + r, from, n, target);
            }
        }
    }

    private static void floats(long at, int n, long to) {
        for (int k = 0; k < n; k += LANES) {
            store(load(at + 4L * k), to + 4L * k);
        }
    }

    private static void halves(long at, int n, long to) {
        for (int k = 0; k < n; k += LANES) {
            RawMemory.store(ShortLanes.load(at + 2L * k).lanewise(VectorOperators.LSHL, 16), to + 4L * k);
        }
    }

    private static void float16(long at, int n, long to) {
        for (int k = 0; k < n; k += LANES) {
            store(ShortLanes.float16(at + 2L * k), to + 4L * k);
        }
    }

    private static void bytes(long at, int n, long to) {
        for (int k = 0; k < n; k += LANES) {
            store(ByteLanes.load(at + k), to + 4L * k);
        }
    }

    private static void scale(DenseMatrix weights, int row, int from, int n, long to) {
        for (int k = 0; k < n; k += DenseMatrix.BLOCK) {
            float scale = ProductSums.scale(weights, row, from + k);
            for (int i = k; i < Math.min(n, k + DenseMatrix.BLOCK); i++) {
                RawMemory.set(to + 4L * i, RawMemory.get(to + 4L * i) * scale);
            }
        }
    }

    /** Unpacks n chunks of a panel of a 2:4 matrix. */
    static void sparse(WeightType type, long data, int blocks, int n, long to) {
        int lanes = blocks * SparseLayout.BLOCK;
        long step = lanes * (4L + 2L * SparseLayout.GROUPS * type.bytes());
        for (int chunk = 0; chunk < n; chunk++) {
            for (int lane = 0; lane < lanes; lane += LANES) {
                long target = to + WeightBlock.SPARSE.rowAt(lane) + chunk * SparseLayout.CHUNK * COLUMN;
                chunk(type, data + chunk * step, lane, lanes, target);
            }
        }
    }

    private static void chunk(WeightType type, long at, int lane, int lanes, long to) {
        IntVector codes = loadInts(at + 4L * lane);
        long values = at + 4L * lanes;
        for (int group = 0; group < SparseLayout.GROUPS; group++) {
            FloatVector first;
            FloatVector second;
            if (type == WeightType.BF16) {
                IntVector pairs = loadInts(values + 4L * (group * lanes + lane));
                first = SparseLanes.low(pairs);
                second = SparseLanes.high(pairs);
            } else if (type == WeightType.F32) {
                first = load(values + 4L * (2 * group * lanes + lane));
                second = load(values + 4L * ((2 * group + 1) * lanes + lane));
            } else {
                first = ByteLanes.load(values + 2L * group * lanes + lane);
                second = ByteLanes.load(values + (2L * group + 1) * lanes + lane);
            }
            group(codes, first, second, to + 4 * group * COLUMN);
            codes = SparseLanes.next(codes);
        }
    }

    private static void group(IntVector codes, FloatVector first, FloatVector second, long to) {
        IntVector one = codes.and(3);
        IntVector two = codes.lanewise(VectorOperators.LSHR, 2).and(3);
        FloatVector zero = FloatVector.zero(Lanes.FLOAT);
        for (int column = 0; column < 4; column++) {
            VectorMask<Float> isOne = one.compare(VectorOperators.EQ, column).cast(Lanes.FLOAT);
            VectorMask<Float> isTwo = two.compare(VectorOperators.EQ, column).cast(Lanes.FLOAT);
            store(zero.blend(first, isOne).blend(second, isTwo), to + column * COLUMN);
        }
    }
}
