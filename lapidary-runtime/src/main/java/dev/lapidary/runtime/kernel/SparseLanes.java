package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import java.util.Arrays;
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

    /**
     * Adds up the rows of one panel or of two whole ones, a chunk of each in turn.
     *
     * @param apart bytes from a panel to the next
     * @param lanes rows of a panel, a multiple of 16
     * @param parts of sums on their way, one per row
     */
    static void rows(
            WeightType type,
            long data,
            int panels,
            long apart,
            int lanes,
            int chunks,
            long x,
            float[] parts,
            long sums) {
        int whole = lanes - lanes % (4 * LANES);
        Arrays.fill(parts, 0);
        long step = (4L + 2 * GROUPS * type.bytes()) * lanes;
        for (int chunk = 0; chunk < chunks; chunk++) {
            long tables = table(x, chunk * GROUPS);
            for (int panel = 0; panel < panels; panel++) {
                long at = data + panel * apart + chunk * step;
                for (int lane = 0; lane < whole; lane += 4 * LANES) {
                    add(type, at, lane, lanes, tables, parts, panel * lanes + lane);
                }
            }
        }
        RawMemory.set(sums, parts, panels * lanes);
        for (int lane = whole; lane < lanes; lane += LANES) {
            long to = sums + 4L * lane;
            switch (type) {
                case F32 -> SparseTailLanes.floats(data, lane, lanes, chunks, x, to);
                case BF16 -> SparseTailLanes.halves(data, lane, lanes, chunks, x, to);
                case INT8 -> SparseTailLanes.bytes(data, lane, lanes, chunks, x, to);
                case F16 -> throw new IllegalStateException(SparseLayout.NEVER);
            }
        }
    }

    /**
     * Adds a chunk of four vectors of rows to their sums. Each of the three is so large that C2 compiles it on its own, and
     * must not become larger: sums are an array since loads from arrays cost C2 fewer nodes than from memory, of which a
     * method may have 18,000 before vectors are boxed.
     */
    private static void add(WeightType type, long at, int lane, int lanes, long tables, float[] sums, int row) {
        long codes = at + 4L * lane;
        long values = at + 4L * lanes;
        switch (type) {
            case F32 -> floats(codes, values + 4L * lane, 4L * lanes, tables, sums, row);
            case BF16 -> halves(codes, values + 4L * lane, 4L * lanes, tables, sums, row);
            case INT8 -> bytes(codes, values + lane, lanes, tables, sums, row);
            case F16 -> throw new IllegalStateException(SparseLayout.NEVER);
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
        return pairs.and(Lanes.UPPER).reinterpretAsFloats();
    }

    /** Where the table of the first (0) or second (1) survivors of a group lies: the same one but in 512 bits. */
    private static long table(long x, int group, int survivor) {
        return table(x, group) + (WIDE ? (long) survivor * VECTOR : 0);
    }

    private static FloatVector pick(IntVector codes, IntVector table) {
        return codes.selectFrom(table).reinterpretAsFloats();
    }

    private static FloatVector half(long at, int shift) {
        return loadInts(at)
                .lanewise(VectorOperators.LSHL, shift)
                .and(Lanes.UPPER)
                .reinterpretAsFloats();
    }

    private static void floats(long codes, long values, long stride, long tables, float[] sums, int row) {
        FloatVector a = FloatVector.fromArray(Lanes.FLOAT, sums, row);
        FloatVector b = FloatVector.fromArray(Lanes.FLOAT, sums, row + LANES);
        FloatVector c = FloatVector.fromArray(Lanes.FLOAT, sums, row + 2 * LANES);
        FloatVector d = FloatVector.fromArray(Lanes.FLOAT, sums, row + 3 * LANES);
        IntVector i = loadInts(codes);
        IntVector j = loadInts(codes + VECTOR);
        IntVector k = loadInts(codes + 2 * VECTOR);
        IntVector l = loadInts(codes + 3 * VECTOR);
        for (int group = 0; group < GROUPS; group++) {
            for (int survivor = 0; survivor < 2; survivor++) {
                IntVector table = loadInts(RawMemory.known(table(tables, group, survivor)));
                long v = RawMemory.known(values + stride * (2 * group + survivor));
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
        a.intoArray(sums, row);
        b.intoArray(sums, row + LANES);
        c.intoArray(sums, row + 2 * LANES);
        d.intoArray(sums, row + 3 * LANES);
    }

    private static void halves(long codes, long values, long stride, long tables, float[] sums, int row) {
        FloatVector a = FloatVector.fromArray(Lanes.FLOAT, sums, row);
        FloatVector b = FloatVector.fromArray(Lanes.FLOAT, sums, row + LANES);
        FloatVector c = FloatVector.fromArray(Lanes.FLOAT, sums, row + 2 * LANES);
        FloatVector d = FloatVector.fromArray(Lanes.FLOAT, sums, row + 3 * LANES);
        IntVector i = loadInts(codes);
        IntVector j = loadInts(codes + VECTOR);
        IntVector k = loadInts(codes + 2 * VECTOR);
        IntVector l = loadInts(codes + 3 * VECTOR);
        for (int group = 0; group < GROUPS; group++) {
            for (int survivor = 0; survivor < 2; survivor++) {
                IntVector table = loadInts(RawMemory.known(table(tables, group, survivor)));
                long v = RawMemory.known(values + stride * group);
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
        a.intoArray(sums, row);
        b.intoArray(sums, row + LANES);
        c.intoArray(sums, row + 2 * LANES);
        d.intoArray(sums, row + 3 * LANES);
    }

    private static void bytes(long codes, long values, long stride, long tables, float[] sums, int row) {
        FloatVector a = FloatVector.fromArray(Lanes.FLOAT, sums, row);
        FloatVector b = FloatVector.fromArray(Lanes.FLOAT, sums, row + LANES);
        FloatVector c = FloatVector.fromArray(Lanes.FLOAT, sums, row + 2 * LANES);
        FloatVector d = FloatVector.fromArray(Lanes.FLOAT, sums, row + 3 * LANES);
        IntVector i = loadInts(codes);
        IntVector j = loadInts(codes + VECTOR);
        IntVector k = loadInts(codes + 2 * VECTOR);
        IntVector l = loadInts(codes + 3 * VECTOR);
        for (int group = 0; group < GROUPS; group++) {
            for (int survivor = 0; survivor < 2; survivor++) {
                IntVector table = loadInts(RawMemory.known(table(tables, group, survivor)));
                long v = RawMemory.known(values + stride * (2 * group + survivor));
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
        a.intoArray(sums, row);
        b.intoArray(sums, row + LANES);
        c.intoArray(sums, row + 2 * LANES);
        d.intoArray(sums, row + 3 * LANES);
    }

    static long table(long x, int group) {
        return x + (long) group * TABLE;
    }
}
