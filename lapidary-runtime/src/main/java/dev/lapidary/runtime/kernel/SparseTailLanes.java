package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;
import static dev.lapidary.runtime.kernel.SparseLanes.first;
import static dev.lapidary.runtime.kernel.SparseLanes.high;
import static dev.lapidary.runtime.kernel.SparseLanes.low;
import static dev.lapidary.runtime.kernel.SparseLanes.next;
import static dev.lapidary.runtime.kernel.SparseLanes.second;
import static dev.lapidary.runtime.kernel.SparseLanes.table;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** {@link SparseLanes} one vector of rows at a time, for the last panel of a matrix. */
final class SparseTailLanes {
    private static final int GROUPS = SparseLayout.GROUPS;

    private SparseTailLanes() {}

    static void floats(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        long row = 4L * lanes;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * row * (1 + 2 * GROUPS) + 4L * lane;
            IntVector codes = loadInts(at);
            for (int group = 0; group < GROUPS; group++) {
                long table = table(x, chunk * GROUPS + group);
                long v = at + row * (1 + 2 * group);
                a = load(v).fma(first(codes, table), a);
                a = load(v + row).fma(second(codes, table), a);
                codes = next(codes);
            }
        }
        store(a, sums);
    }

    static void halves(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        long row = 4L * lanes;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * row * (1 + GROUPS) + 4L * lane;
            IntVector codes = loadInts(at);
            for (int group = 0; group < GROUPS; group++) {
                long table = table(x, chunk * GROUPS + group);
                IntVector p = loadInts(at + row * (1 + group));
                a = high(p).fma(second(codes, table), low(p).fma(first(codes, table), a));
                codes = next(codes);
            }
        }
        store(a, sums);
    }

    static void bytes(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        long step = (4L + 2 * GROUPS) * lanes;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * step;
            IntVector codes = loadInts(at + 4L * lane);
            for (int group = 0; group < GROUPS; group++) {
                long table = table(x, chunk * GROUPS + group);
                long v = at + lane + (long) lanes * (4 + 2 * group);
                a = ByteLanes.load(v).fma(first(codes, table), a);
                a = ByteLanes.load(v + lanes).fma(second(codes, table), a);
                codes = next(codes);
            }
        }
        store(a, sums);
    }
}
