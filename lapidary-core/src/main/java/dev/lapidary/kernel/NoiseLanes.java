package dev.lapidary.kernel;

import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NEG;

import dev.lapidary.runtime.kernel.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link CounterNoise}; loaded only where {@link dev.lapidary.runtime.kernel.Simd#on()}. */
public final class NoiseLanes {
    private static final long LOW = 0xFFFFFFFFL;
    private static final int LONGS = Lanes.LONG.length();
    private static final int FLOATS = Lanes.FLOAT.length();
    private static final LongVector EVEN = LongVector.zero(Lanes.LONG).addIndex(2);

    private NoiseLanes() {}

    /** Writes whole groups of 64 words, the first of them number group, from byte offset at on. */
    static void words(long[] keys, long step, long group, MemorySegment out, long at, int groups) {
        for (int g = 0; g < groups; g++) {
            long block = (group + g) * CounterNoise.BLOCKS;
            for (int p = 0; p < CounterNoise.BLOCKS; p += 2 * LONGS) {
                row(keys, step, block + p, out, at + 4L * (g * CounterNoise.GROUP + p));
            }
        }
    }

    /** Ten rounds over 2·LONGS blocks: the even ones in a, the odd ones in b, so that packing is a shift and an or. */
    private static void row(long[] keys, long step, long block, MemorySegment out, long at) {
        LongVector low = Lanes.broadcast(LOW);
        LongVector m0 = Lanes.broadcast(Philox.M0);
        LongVector m1 = Lanes.broadcast(Philox.M1);
        LongVector a0 = EVEN.add(block & LOW);
        LongVector b0 = a0.add(1);
        LongVector a1 = Lanes.broadcast(block >>> 32);
        LongVector b1 = a1;
        LongVector a2 = Lanes.broadcast(step & LOW);
        LongVector b2 = a2;
        LongVector a3 = Lanes.broadcast(step >>> 32);
        LongVector b3 = a3;
        for (int r = 0; r < 2 * Philox.ROUNDS; r += 2) {
            LongVector k0 = Lanes.broadcast(keys[r]);
            LongVector k1 = Lanes.broadcast(keys[r + 1]);
            LongVector pa0 = a0.mul(m0);
            LongVector pa1 = a2.mul(m1);
            LongVector pb0 = b0.mul(m0);
            LongVector pb1 = b2.mul(m1);
            a0 = xor(pa1.lanewise(LSHR, 32), a1, k0);
            a2 = xor(pa0.lanewise(LSHR, 32), a3, k1);
            b0 = xor(pb1.lanewise(LSHR, 32), b1, k0);
            b2 = xor(pb0.lanewise(LSHR, 32), b3, k1);
            a1 = pa1.and(low);
            a3 = pa0.and(low);
            b1 = pb1.and(low);
            b3 = pb0.and(low);
        }
        store(a0, b0, out, at);
        store(a1, b1, out, at + 4L * CounterNoise.BLOCKS);
        store(a2, b2, out, at + 8L * CounterNoise.BLOCKS);
        store(a3, b3, out, at + 12L * CounterNoise.BLOCKS);
    }

    private static LongVector xor(LongVector x, LongVector y, LongVector z) {
        return x.lanewise(VectorOperators.XOR, y).lanewise(VectorOperators.XOR, z);
    }

    private static void store(LongVector even, LongVector odd, MemorySegment out, long at) {
        even.or(odd.lanewise(LSHL, 32)).intoMemorySegment(out, at, nativeOrder());
    }

    /** Turns count random words into uniform floats, in place; count is a multiple of 64. */
    static void uniforms(MemorySegment data, long at, int count) {
        for (int i = 0; i < count; i += FLOATS) {
            long byteAt = at + 4L * i;
            uniform(IntVector.fromMemorySegment(Lanes.INT, data, byteAt, nativeOrder()))
                    .intoMemorySegment(data, byteAt, nativeOrder());
        }
    }

    /**
     * Replaces count floats x by −ln x; count is a multiple of 64. Twice over uniform values gives Gumbel values; one
     * logarithm per loop keeps the loop small enough for C2 to hold it in registers.
     */
    static void minusLogs(MemorySegment data, long at, int count) {
        for (int i = 0; i < count; i += FLOATS) {
            long byteAt = at + 4L * i;
            ln(FloatVector.fromMemorySegment(Lanes.FLOAT, data, byteAt, nativeOrder()))
                    .lanewise(NEG)
                    .intoMemorySegment(data, byteAt, nativeOrder());
        }
    }

    /** {@link CounterNoise#uniform(int)}, lane by lane. */
    public static FloatVector uniform(IntVector word) {
        return word.lanewise(LSHR, 9).or(CounterNoise.ONE).reinterpretAsFloats().sub(CounterNoise.ALMOST_ONE);
    }

    /** {@link NaturalLog#of}, lane by lane. */
    public static FloatVector ln(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        IntVector octave = bits.sub(NaturalLog.START).and(NaturalLog.EXPONENT);
        FloatVector e = (FloatVector) octave.lanewise(ASHR, 23).convert(VectorOperators.I2F, 0);
        FloatVector f = bits.sub(octave).reinterpretAsFloats().sub(1f);
        FloatVector square = f.mul(f);
        FloatVector even = Lanes.broadcast(NaturalLog.Q8)
                .fma(square, Lanes.broadcast(NaturalLog.Q6))
                .fma(square, Lanes.broadcast(NaturalLog.Q4))
                .fma(square, Lanes.broadcast(NaturalLog.Q2))
                .fma(square, Lanes.broadcast(NaturalLog.Q0));
        FloatVector odd = Lanes.broadcast(NaturalLog.Q7)
                .fma(square, Lanes.broadcast(NaturalLog.Q5))
                .fma(square, Lanes.broadcast(NaturalLog.Q3))
                .fma(square, Lanes.broadcast(NaturalLog.Q1));
        FloatVector q = odd.fma(f, even);
        FloatVector rest = q.fma(square, e.mul(NaturalLog.LN2_LOW));
        return e.fma(Lanes.broadcast(NaturalLog.LN2_HIGH), f.add(rest));
    }
}
