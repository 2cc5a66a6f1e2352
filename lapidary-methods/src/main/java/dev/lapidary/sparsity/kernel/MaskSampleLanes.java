package dev.lapidary.sparsity.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.loadInts;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.kernel.NoiseLanes;
import dev.lapidary.runtime.kernel.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link MaskNoise}, lane by lane, and the scores made from it; loops of one small body each, which C2 compiles well. */
final class MaskSampleLanes {
    static final int VECTOR = 4 * Lanes.FLOAT.length(); // bytes
    static final int PER_ROW = MaskScratch.ROW / VECTOR;

    private static final long GROUPS = groups(); // address of the group at each position of a row

    private MaskSampleLanes() {}

    private static long groups() {
        MemorySegment row = Arena.global().allocate(MaskScratch.ROW, MaskScratch.ROW);
        for (int position = 0; position < MaskState.BLOCK; position++) {
            row.setAtIndex(ValueLayout.JAVA_INT, position, MaskScratch.position(position)); // its own inverse
        }
        return row.address();
    }

    /** Returns the counters of vector number v of a row each for blocks in order. */
    static IntVector counters(int v, int counter) {
        return loadInts(GROUPS + v % PER_ROW * VECTOR).add(counter + v / PER_ROW * MaskState.BLOCK);
    }

    /** {@link MaskNoise#word}. */
    static IntVector word(IntVector counter, int secondKey) {
        IntVector x = folded(counter, 17).mul(MaskNoise.MULTIPLIER_1).add(secondKey);
        x = folded(x, 11).mul(MaskNoise.MULTIPLIER_2);
        return folded(x, 15).mul(MaskNoise.MULTIPLIER_3);
    }

    private static IntVector folded(IntVector x, int by) {
        return x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, by));
    }

    /** Writes five uniform values of [0, 2^31) per group, in rows of six. */
    static void halves(long out, int blocks, int counter, int secondKey) {
        for (int i = 0; i < 5; i++) {
            int first = counter + (i << MaskNoise.REGION_BITS);
            long row = out + (long) i * MaskScratch.ROW;
            for (int v = 0; v < blocks * PER_ROW; v++) {
                IntVector half = word(counters(v, first), secondKey).lanewise(VectorOperators.LSHR, 1);
                store(half, row + (long) (v / PER_ROW) * 6 * MaskScratch.ROW + v % PER_ROW * VECTOR);
            }
        }
    }

    /** Sorts five values by a network of nine exchanges and replaces them by their spacings. */
    static void space(long out, int blocks) {
        for (int v = 0; v < blocks * PER_ROW; v++) {
            long at = out + (long) (v / PER_ROW) * 6 * MaskScratch.ROW + v % PER_ROW * VECTOR;
            IntVector a = loadInts(at);
            IntVector b = loadInts(at + MaskScratch.ROW);
            IntVector c = loadInts(at + 2 * MaskScratch.ROW);
            IntVector d = loadInts(at + 3 * MaskScratch.ROW);
            IntVector e = loadInts(at + 4 * MaskScratch.ROW);
            IntVector a1 = a.min(d);
            IntVector d1 = a.max(d);
            IntVector b1 = b.min(e);
            IntVector e1 = b.max(e);
            IntVector a2 = a1.min(c);
            IntVector c2 = a1.max(c);
            IntVector b2 = b1.min(d1);
            IntVector d2 = b1.max(d1);
            IntVector a3 = a2.min(b2);
            IntVector b3 = a2.max(b2);
            IntVector c3 = c2.min(e1);
            IntVector e3 = c2.max(e1);
            IntVector b4 = b3.min(c3);
            IntVector c4 = b3.max(c3);
            IntVector d4 = d2.min(e3);
            IntVector e4 = d2.max(e3);
            IntVector c5 = c4.min(d4);
            IntVector d5 = c4.max(d4);
            store(floats(a3), at);
            store(floats(b4.sub(a3)), at + MaskScratch.ROW);
            store(floats(c5.sub(b4)), at + 2 * MaskScratch.ROW);
            store(floats(d5.sub(c5)), at + 3 * MaskScratch.ROW);
            store(floats(e4.sub(d5)), at + 4 * MaskScratch.ROW);
            store(floats(Lanes.broadcast(Integer.MAX_VALUE).sub(e4)), at + 5 * MaskScratch.ROW);
        }
    }

    private static FloatVector floats(IntVector x) {
        return (FloatVector) x.convert(VectorOperators.I2F, 0);
    }

    /** Writes exponential values times 2^28. */
    static void exponentials(long out, int patterns, int blocks, int counter, int secondKey) {
        for (int i = 0; i < patterns; i++) {
            for (int v = 0; v < blocks * PER_ROW; v++) {
                IntVector c = counters(v, counter + (i << MaskNoise.REGION_BITS));
                FloatVector uniform = NoiseLanes.uniform(word(c, secondKey));
                FloatVector minus = NoiseLanes.ln(uniform).lanewise(VectorOperators.NEG);
                long row = (long) (v / PER_ROW * patterns + i) * MaskScratch.ROW;
                store(minus.mul(0x1p28f), out + row + v % PER_ROW * VECTOR);
            }
        }
    }

    /** Replaces x by a·logit + b·{@link MaskNoise#log}(x). */
    static void scoreLogs(long x, long logits, int rows, float a, float b) {
        for (int i = 0; i < rows * MaskScratch.ROW; i += VECTOR) {
            store(log(load(x + i)).fma(Lanes.broadcast(b), load(logits + i).mul(a)), x + i);
        }
    }

    /** {@link MaskNoise#log}. */
    static FloatVector log(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        FloatVector m = bits.and(MaskNoise.FRACTION).or(MaskNoise.ONE).reinterpretAsFloats();
        FloatVector bow = m.fma(Lanes.broadcast(3f).sub(m), Lanes.broadcast(-2f));
        FloatVector s = Lanes.broadcast(MaskNoise.S5)
                .fma(m, Lanes.broadcast(MaskNoise.S4))
                .fma(m, Lanes.broadcast(MaskNoise.S3))
                .fma(m, Lanes.broadcast(MaskNoise.S2))
                .fma(m, Lanes.broadcast(MaskNoise.S1))
                .fma(m, Lanes.broadcast(MaskNoise.S0));
        return bow.fma(s, floats(bits.sub(MaskNoise.ORIGIN)));
    }

    /** Replaces x by a·logit + b·x. */
    static void score(long x, long logits, int rows, float a, float b) {
        for (int i = 0; i < rows * MaskScratch.ROW; i += VECTOR) {
            store(load(x + i).fma(Lanes.broadcast(b), load(logits + i).mul(a)), x + i);
        }
    }

    /** Replaces x by 2^-x. */
    static void powers(long x, int rows) {
        for (int i = 0; i < rows * MaskScratch.ROW; i += VECTOR) {
            store(power(load(x + i)), x + i);
        }
    }

    /** {@link ScalarMaskPasses#power}. */
    static FloatVector power(FloatVector x) {
        FloatVector bounded = x.reinterpretAsInts().min(MaskNoise.MOST_HALVINGS).reinterpretAsFloats();
        FloatVector shifted = bounded.add(MaskNoise.ROUNDER);
        FloatVector r = bounded.sub(shifted.sub(MaskNoise.ROUNDER));
        FloatVector p = Lanes.broadcast(MaskNoise.E5)
                .fma(r, Lanes.broadcast(MaskNoise.E4))
                .fma(r, Lanes.broadcast(MaskNoise.E3))
                .fma(r, Lanes.broadcast(MaskNoise.E2))
                .fma(r, Lanes.broadcast(MaskNoise.E1))
                .fma(r, Lanes.broadcast(1f));
        IntVector halvings = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().sub(halvings).reinterpretAsFloats();
    }
}
