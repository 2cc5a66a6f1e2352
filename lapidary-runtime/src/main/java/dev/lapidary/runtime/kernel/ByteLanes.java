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

    /** What moves byte i of a word to its top, for lane i of four. */
    private static final IntVector TO_TOP = IntVector.fromArray(Lanes.INT, shifts(), 0);

    private ByteLanes() {}

    private static int[] shifts() {
        int[] shifts = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            shifts[i] = 24 - 8 * (i % 4);
        }
        return shifts;
    }

    /** Reads as many bytes as a vector has lanes. */
    static FloatVector load(long at) {
        if (LANES == 4) { // no species holds four bytes
            IntVector word = Lanes.broadcast(RawMemory.getInt(at));
            return (FloatVector) word.lanewise(VectorOperators.LSHL, TO_TOP)
                    .lanewise(VectorOperators.ASHR, 24)
                    .convert(VectorOperators.I2F, 0);
        }
        return (FloatVector) RawMemory.loadBytes(BYTES, at).convertShape(VectorOperators.B2F, Lanes.FLOAT, 0);
    }
}
