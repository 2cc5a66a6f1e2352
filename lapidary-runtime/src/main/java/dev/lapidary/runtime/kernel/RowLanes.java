package dev.lapidary.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link RowKernels}: full vectors in the loop, two partial sums, a scalar tail. */
final class RowLanes {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int WIDTH = Lanes.FLOAT.length();
    private static final long BYTES = (long) WIDTH * Float.BYTES;

    private RowLanes() {}

    static float largest(MemorySegment row, long from, int n) {
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            even = even.max(load(row, from, i).abs());
            odd = odd.max(load(row, from, i + WIDTH).abs());
        }
        float largest = even.max(odd).reduceLanes(VectorOperators.MAX);
        return Math.max(largest, RowKernels.largest(row, from + (long) i * Float.BYTES, n - i));
    }

    static float squares(MemorySegment row, long from, int n, float shift) {
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        FloatVector factor = Lanes.broadcast(shift);
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            FloatVector a = load(row, from, i).mul(factor);
            FloatVector b = load(row, from, i + WIDTH).mul(factor);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        float sum = VectorFloats.sum(even.add(odd));
        return sum + RowKernels.squares(row, from + (long) i * Float.BYTES, n - i, shift);
    }

    static void scaled(
            MemorySegment source, long from, MemorySegment target, long to, int n, float shift, float factor) {
        FloatVector first = Lanes.broadcast(shift);
        FloatVector second = Lanes.broadcast(factor);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            load(source, from, i).mul(first).mul(second).intoMemorySegment(target, to + (long) i * Float.BYTES, ORDER);
        }
        long done = (long) i * Float.BYTES;
        RowKernels.scaled(source, from + done, target, to + done, n - i, shift, factor);
    }

    static float cubed(MemorySegment row, long from, int n, float inverse) {
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        FloatVector factor = Lanes.broadcast(inverse);
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            long at = from + (long) i * Float.BYTES;
            FloatVector a = load(row, from, i).mul(factor);
            FloatVector b = load(row, from, i + WIDTH).mul(factor);
            FloatVector cubeA = a.mul(a).mul(a);
            FloatVector cubeB = b.mul(b).mul(b);
            even = cubeA.fma(cubeA, even);
            odd = cubeB.fma(cubeB, odd);
            cubeA.intoMemorySegment(row, at, ORDER);
            cubeB.intoMemorySegment(row, at + BYTES, ORDER);
        }
        float sum = VectorFloats.sum(even.add(odd));
        return sum + RowKernels.cubed(row, from + (long) i * Float.BYTES, n - i, inverse);
    }

    static float dot(MemorySegment a, long fromA, MemorySegment b, long fromB, int n) {
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            even = load(a, fromA, i).fma(load(b, fromB, i), even);
            odd = load(a, fromA, i + WIDTH).fma(load(b, fromB, i + WIDTH), odd);
        }
        long done = (long) i * Float.BYTES;
        return VectorFloats.sum(even.add(odd)) + RowKernels.dotScalar(a, fromA + done, b, fromB + done, n - i);
    }

    static void addTo(float[] sums, MemorySegment row, long from, int n) {
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            FloatVector.fromArray(Lanes.FLOAT, sums, i).add(load(row, from, i)).intoArray(sums, i);
        }
        for (; i < n; i++) {
            sums[i] += RowKernels.at(row, from, i);
        }
    }

    /** Keeps a running maximum per lane with the index where it first stood, then takes the lowest index of the highest. */
    static int argmax(MemorySegment row, long from, int n) {
        if (n < WIDTH) {
            return RowKernels.argmaxFrom(row, from, n, 0, -1);
        }
        FloatVector highest = Lanes.broadcast(Float.NEGATIVE_INFINITY);
        IntVector where = Lanes.broadcast(Integer.MAX_VALUE);
        IntVector index = Lanes.broadcast(0).addIndex(1);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            FloatVector value = load(row, from, i);
            VectorMask<Float> higher = value.compare(VectorOperators.GT, highest);
            highest = highest.blend(value, higher);
            where = where.blend(index, higher.cast(Lanes.INT));
            index = index.add(WIDTH);
        }
        float top = highest.reduceLanes(VectorOperators.MAX);
        int best = where.reduceLanes(
                VectorOperators.MIN, highest.compare(VectorOperators.EQ, top).cast(Lanes.INT));
        if (best == Integer.MAX_VALUE) { // nothing above minus infinity so far
            return RowKernels.argmaxFrom(row, from, n, 0, -1);
        }
        return RowKernels.argmaxFrom(row, from, n, i, best);
    }

    private static FloatVector load(MemorySegment row, long from, int i) {
        return FloatVector.fromMemorySegment(Lanes.FLOAT, row, from + (long) i * Float.BYTES, ORDER);
    }
}
