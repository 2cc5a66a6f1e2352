package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link MachineProbe}; loaded only where {@link Simd#on()}. */
final class ProbeLanes {
    /** Independent sums, enough to hide the latency of a multiply-add. */
    static final int SUMS = 8;

    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private ProbeLanes() {}

    /** Runs n rounds of {@link #SUMS} vector multiply-adds in registers. */
    static float products(int n) {
        FloatVector half = Lanes.broadcast(0.5f);
        FloatVector one = Lanes.broadcast(1f);
        FloatVector a = one;
        FloatVector b = one;
        FloatVector c = one;
        FloatVector d = one;
        FloatVector e = one;
        FloatVector f = one;
        FloatVector g = one;
        FloatVector h = one;
        for (int i = 0; i < n; i++) {
            a = a.fma(half, one);
            b = b.fma(half, one);
            c = c.fma(half, one);
            d = d.fma(half, one);
            e = e.fma(half, one);
            f = f.fma(half, one);
            g = g.fma(half, one);
            h = h.fma(half, one);
        }
        return a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h))).reduceLanes(VectorOperators.ADD);
    }

    /** Reads all bytes, a multiple of four vectors. */
    static float sum(long address, long bytes) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < bytes; i += 4 * VECTOR) {
            a = a.add(load(address + i));
            b = b.add(load(address + i + VECTOR));
            c = c.add(load(address + i + 2 * VECTOR));
            d = d.add(load(address + i + 3 * VECTOR));
        }
        return a.add(b).add(c.add(d)).abs().reduceLanes(VectorOperators.ADD);
    }
}
