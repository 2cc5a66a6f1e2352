package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link MachineProbe}; loaded only where {@link dev.lapidary.runtime.kernel.Simd#on()}. */
final class ProbeLanes {
    /** Independent sums, enough to hide the latency of a multiply-add. */
    static final int SUMS = 8;

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

    /** Adds up memory from an address on; bytes is a multiple of 4096. */
    static float reads(long at, long bytes) {
        int vector = 4 * Lanes.FLOAT.length();
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (long i = 0; i < bytes; i += 4L * vector) {
            a = a.add(RawMemory.load(at + i));
            b = b.add(RawMemory.load(at + i + vector));
            c = c.add(RawMemory.load(at + i + 2L * vector));
            d = d.add(RawMemory.load(at + i + 3L * vector));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
