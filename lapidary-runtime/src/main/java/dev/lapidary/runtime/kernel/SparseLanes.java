package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Panels of a 2:4 matrix times a vector: a lane per row, each of which picks its own of four values of x.
 *
 * <p>A pick takes the low bits of the lane's word of column codes as index into a table of as many values as a vector has
 * lanes. In 512 bits that is four bits, which hold both codes of a group: the table of first survivors repeats the four
 * values of x (so that the upper two bits do not matter), the table of second survivors holds each value four times (so that
 * the lower two do not), and no code is ever masked out.
 */
final class SparseLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final int VECTOR = 4 * LANES;
    private static final boolean WIDE = LANES == 16;
    private static final int GROUPS = SparseLayout.GROUPS;

    /** Bytes of a group's tables. */
    private static final int TABLE = WIDE ? 2 * VECTOR : VECTOR;

    private static final int HIGH = 0xFFFF0000;

    private SparseLanes() {}

    /** Bytes of the tables of a vector and of a copy that is padded to whole chunks. */
    static long preparedBytes(int chunks) {
        return (long) chunks * (4L * SparseLayout.CHUNK + (long) GROUPS * TABLE);
    }

    /** Writes the tables of each group, then the padded copy. */
    static void replicate(long x, int columns, int chunks, long prepared) {
        long copy = prepared + (long) chunks * GROUPS * TABLE;
        for (int column = 0; column < chunks * SparseLayout.CHUNK; column++) {
            RawMemory.set(copy + 4L * column, column < columns ? RawMemory.get(x + 4L * column) : 0f);
        }
        int perVector = LANES / 4;
        for (int group = 0; group < chunks * GROUPS; group += perVector) {
            FloatVector values = load(copy + 16L * group);
            for (int i = 0; i < perVector; i++) {
                long to = prepared + (long) (group + i) * TABLE;
                store(values.rearrange(REPEATED[i]), to);
                if (WIDE) {
                    store(values.rearrange(SPREAD[i]), to + VECTOR);
                }
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static final VectorShuffle<Float>[] REPEATED = new VectorShuffle[LANES / 4];

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static final VectorShuffle<Float>[] SPREAD = new VectorShuffle[LANES / 4];

    static {
        for (int i = 0; i < LANES / 4; i++) {
            int quad = 4 * i;
            REPEATED[i] = VectorShuffle.fromOp(Lanes.FLOAT, lane -> quad + lane % 4);
            SPREAD[i] = VectorShuffle.fromOp(Lanes.FLOAT, lane -> quad + lane / 4 % 4);
        }
    }

    /** Adds up the rows of a panel: lanes rows, a multiple of 16. */
    static void rows(WeightType type, long data, int lanes, int chunks, long x, long sums) {
        long from = data;
        int lane = 0;
        for (; lane + 4 * LANES <= lanes; lane += 4 * LANES) {
            long to = sums + 4L * lane;
            switch (type) {
                case F32 -> floats(from, lane, lanes, chunks, x, to);
                case BF16 -> halves(from, lane, lanes, chunks, x, to);
                case INT8 -> bytes(from, lane, lanes, chunks, x, to);
            }
        }
        for (; lane < lanes; lane += LANES) {
            long to = sums + 4L * lane;
            switch (type) {
                case F32 -> SparseTailLanes.floats(from, lane, lanes, chunks, x, to);
                case BF16 -> SparseTailLanes.halves(from, lane, lanes, chunks, x, to);
                case INT8 -> SparseTailLanes.bytes(from, lane, lanes, chunks, x, to);
            }
        }
    }

    /** Picks x of the first survivors of a group. */
    static FloatVector first(IntVector codes, long table) {
        return codes.selectFrom(loadInts(table)).reinterpretAsFloats();
    }

    /** Picks x of the second survivors of a group. */
    static FloatVector second(IntVector codes, long table) {
        return WIDE
                ? codes.selectFrom(loadInts(table + VECTOR)).reinterpretAsFloats()
                : codes.lanewise(VectorOperators.LSHR, 2)
                        .selectFrom(loadInts(table))
                        .reinterpretAsFloats();
    }

    static IntVector next(IntVector codes) {
        return codes.lanewise(VectorOperators.LSHR, 4);
    }

    static FloatVector low(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    static FloatVector high(IntVector pairs) {
        return pairs.and(HIGH).reinterpretAsFloats();
    }

    /** Where the table of the first (0) or second (1) survivors of a group lies: the same one but in 512 bits. */
    private static long table(long x, int group, int survivor) {
        return table(x, group) + (WIDE ? (long) survivor * VECTOR : 0);
    }

    private static FloatVector pick(IntVector codes, IntVector table) {
        return codes.selectFrom(table).reinterpretAsFloats();
    }

    private static FloatVector half(long at, int shift) {
        return loadInts(at).lanewise(VectorOperators.LSHL, shift).and(HIGH).reinterpretAsFloats();
    }

    private static void floats(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long row = 4L * lanes;
        long step = row * (1 + 2 * GROUPS);
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * step + 4L * lane;
            IntVector i = loadInts(at);
            IntVector j = loadInts(at + VECTOR);
            IntVector k = loadInts(at + 2 * VECTOR);
            IntVector l = loadInts(at + 3 * VECTOR);
            for (int group = 0; group < GROUPS; group++) {
                for (int survivor = 0; survivor < 2; survivor++) {
                    IntVector table = loadInts(table(x, chunk * GROUPS + group, survivor));
                    long v = at + row * (1 + 2 * group + survivor);
                    a = load(v).fma(pick(i, table), a);
                    b = load(v + VECTOR).fma(pick(j, table), b);
                    c = load(v + 2 * VECTOR).fma(pick(k, table), c);
                    d = load(v + 3 * VECTOR).fma(pick(l, table), d);
                    if (!WIDE) {
                        i = i.lanewise(VectorOperators.LSHR, 2);
                        j = j.lanewise(VectorOperators.LSHR, 2);
                        k = k.lanewise(VectorOperators.LSHR, 2);
                        l = l.lanewise(VectorOperators.LSHR, 2);
                    }
                }
                if (WIDE) {
                    i = next(i);
                    j = next(j);
                    k = next(k);
                    l = next(l);
                }
            }
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    private static void halves(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long row = 4L * lanes;
        long step = row * (1 + GROUPS);
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * step + 4L * lane;
            IntVector i = loadInts(at);
            IntVector j = loadInts(at + VECTOR);
            IntVector k = loadInts(at + 2 * VECTOR);
            IntVector l = loadInts(at + 3 * VECTOR);
            for (int group = 0; group < GROUPS; group++) {
                for (int survivor = 0; survivor < 2; survivor++) {
                    IntVector table = loadInts(table(x, chunk * GROUPS + group, survivor));
                    long v = at + row * (1 + group);
                    int shift = 16 - 16 * survivor;
                    a = half(v, shift).fma(pick(i, table), a);
                    b = half(v + VECTOR, shift).fma(pick(j, table), b);
                    c = half(v + 2 * VECTOR, shift).fma(pick(k, table), c);
                    d = half(v + 3 * VECTOR, shift).fma(pick(l, table), d);
                    if (!WIDE) {
                        i = i.lanewise(VectorOperators.LSHR, 2);
                        j = j.lanewise(VectorOperators.LSHR, 2);
                        k = k.lanewise(VectorOperators.LSHR, 2);
                        l = l.lanewise(VectorOperators.LSHR, 2);
                    }
                }
                if (WIDE) {
                    i = next(i);
                    j = next(j);
                    k = next(k);
                    l = next(l);
                }
            }
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    private static void bytes(long data, int lane, int lanes, int chunks, long x, long sums) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long step = (4L + 2 * GROUPS) * lanes;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long at = data + chunk * step;
            IntVector i = loadInts(at + 4L * lane);
            IntVector j = loadInts(at + 4L * lane + VECTOR);
            IntVector k = loadInts(at + 4L * lane + 2 * VECTOR);
            IntVector l = loadInts(at + 4L * lane + 3 * VECTOR);
            for (int group = 0; group < GROUPS; group++) {
                for (int survivor = 0; survivor < 2; survivor++) {
                    IntVector table = loadInts(table(x, chunk * GROUPS + group, survivor));
                    long v = at + lane + (long) lanes * (4 + 2 * group + survivor);
                    a = ByteLanes.load(v).fma(pick(i, table), a);
                    b = ByteLanes.load(v + LANES).fma(pick(j, table), b);
                    c = ByteLanes.load(v + 2 * LANES).fma(pick(k, table), c);
                    d = ByteLanes.load(v + 3 * LANES).fma(pick(l, table), d);
                    if (!WIDE) {
                        i = i.lanewise(VectorOperators.LSHR, 2);
                        j = j.lanewise(VectorOperators.LSHR, 2);
                        k = k.lanewise(VectorOperators.LSHR, 2);
                        l = l.lanewise(VectorOperators.LSHR, 2);
                    }
                }
                if (WIDE) {
                    i = next(i);
                    j = next(j);
                    k = next(k);
                    l = next(l);
                }
            }
        }
        store(a, sums);
        store(b, sums + VECTOR);
        store(c, sums + 2 * VECTOR);
        store(d, sums + 3 * VECTOR);
    }

    static long table(long x, int group) {
        return x + (long) group * TABLE;
    }
}
