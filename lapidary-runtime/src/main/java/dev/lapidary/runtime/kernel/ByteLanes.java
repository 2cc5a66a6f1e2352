package dev.lapidary.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Signed bytes as floats, one per lane; loaded only where {@link Simd#on()}. */
final class ByteLanes {
    private static final int LANES = Lanes.FLOAT.length();
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));

    /** Products with these move byte i of a word to its top, for lane i of four; a shift by a vector costs C2 more nodes. */
    private static final IntVector TO_TOP = IntVector.fromArray(Lanes.INT, factors(), 0);

    private ByteLanes() {}

    private static int[] factors() {
        int[] factors = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            factors[i] = 1 << 24 - 8 * (i % 4);
        }
        return factors;
    }

    /** Reads as many bytes as a vector has lanes. */
    static FloatVector load(long at) {
        if (LANES == 4) { // no species holds four bytes
            IntVector word = Lanes.broadcast(RawMemory.getInt(at));
            return (FloatVector)
                    word.mul(TO_TOP).lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0);
        }
        return (FloatVector) RawMemory.loadBytes(BYTES, at).convertShape(VectorOperators.B2F, Lanes.FLOAT, 0);
    }
}
