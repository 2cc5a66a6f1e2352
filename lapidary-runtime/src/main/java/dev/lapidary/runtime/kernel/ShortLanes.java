package dev.lapidary.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Numbers of 16 bits, one per lane; loaded only where {@link Simd#on()}. */
final class ShortLanes {
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(16 * Lanes.FLOAT.length()));

    /** Bits of a float16's fraction are 13 fewer than those of a float32's. */
    private static final int FRACTION = 13;

    private static final IntVector SIGN_AND_MAGNITUDE = Lanes.broadcast(0x8fff_e000);

    /** The exponents of the two types start 112 apart. */
    private static final FloatVector REBIAS = FloatVector.broadcast(Lanes.FLOAT, 0x1p112f);

    private ShortLanes() {}

    /** Reads as many as a vector has lanes, with their signs. */
    static IntVector load(long at) {
        return (IntVector) RawMemory.loadShorts(SHORTS, at).convertShape(VectorOperators.S2I, Lanes.INT, 0);
    }

    /** Returns finite float16 numbers at an address as float32. */
    static FloatVector float16(long at) {
        return widen(load(at).lanewise(VectorOperators.LSHL, FRACTION));
    }

    /** Returns as float32 finite float16 numbers whose fraction stands where a float32 has it; the sign fills the bits above. */
    static FloatVector widen(IntVector shifted) {
        return shifted.and(SIGN_AND_MAGNITUDE).reinterpretAsFloats().mul(REBIAS);
    }
}
