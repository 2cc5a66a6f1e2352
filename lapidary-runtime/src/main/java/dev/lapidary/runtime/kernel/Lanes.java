package dev.lapidary.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The one vector shape of all kernels, as {@link Simd} chose it; loaded only where {@link Simd#on()}. */
public final class Lanes {
    static final VectorShape SHAPE = VectorShape.forBitSize(Simd.bits());
    /** Floats. */
    public static final VectorSpecies<Float> FLOAT = VectorSpecies.of(float.class, SHAPE);
    /** Integers; as many as floats. */
    public static final VectorSpecies<Integer> INT = VectorSpecies.of(int.class, SHAPE);
    /** Longs; half as many. */
    public static final VectorSpecies<Long> LONG = VectorSpecies.of(long.class, SHAPE);

    /** What keeps the upper bfloat16 of a word: a constant, which costs C2 fewer nodes than a broadcast in a loop. */
    static final IntVector UPPER = IntVector.broadcast(INT, 0xFFFF0000);

    private Lanes() {}

    /** Returns a vector of one value. */
    public static FloatVector broadcast(float value) {
        return FloatVector.broadcast(FLOAT, value);
    }

    /** Returns a vector of one value. */
    public static IntVector broadcast(int value) {
        return IntVector.broadcast(INT, value);
    }

    /** Returns a vector of one value. */
    public static LongVector broadcast(long value) {
        return LongVector.broadcast(LONG, value);
    }
}
