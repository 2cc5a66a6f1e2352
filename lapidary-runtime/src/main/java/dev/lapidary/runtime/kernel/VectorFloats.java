package dev.lapidary.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Functions of whole vectors; loaded only where {@link Simd#on()}. */
public final class VectorFloats {
    /** Floats of the one shape. */
    public static final VectorSpecies<Float> SPECIES = Lanes.FLOAT;
    /** How many of them a vector has. */
    public static final int LANES = SPECIES.length();

    /** Adding and taking this away rounds a float below 2^22 to an integer, which its low bits then hold. */
    private static final float ROUNDER = 0x1.8p23f;

    private static final float LOG2_E = 1.4426950408889634f;
    private static final float LN_2_HIGH = 0x1.62ep-1f; // few bits, so that its products are exact
    private static final float LN_2_LOW = (float) (Math.log(2) - 0x1.62ep-1);
    private static final float LEAST = -87f;

    private static final VectorShuffle<Float> BY_8 = turned(8);
    private static final VectorShuffle<Float> BY_4 = turned(4);
    private static final VectorShuffle<Float> BY_2 = turned(2);
    private static final VectorShuffle<Float> BY_1 = turned(1);

    private VectorFloats() {}

    private static VectorShuffle<Float> turned(int by) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane + by) % LANES);
    }

    /**
     * Adds up the lanes, halves first. Unlike reduceLanes(ADD), which adds in an order that changes when the just-in-time compiler
     * takes over, it gives the same bits at every run.
     */
    public static float sum(FloatVector x) {
        if (LANES > 16) {
            return inOrder(x.toArray());
        }
        FloatVector s = x;
        if (LANES == 16) {
            s = s.add(s.rearrange(BY_8));
        }
        if (LANES >= 8) {
            s = s.add(s.rearrange(BY_4));
        }
        if (LANES >= 4) {
            s = s.add(s.rearrange(BY_2));
        }
        return LANES == 1 ? s.lane(0) : s.add(s.rearrange(BY_1)).lane(0);
    }

    private static float inOrder(float[] values) {
        float sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    /** Returns exp(x) to about one unit in the last place for x in [-87, 88]; below that 0. */
    public static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(LEAST);
        FloatVector shifted = bounded.mul(LOG2_E).add(ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(
                FloatVector.broadcast(SPECIES, -LN_2_LOW), n.fma(FloatVector.broadcast(SPECIES, -LN_2_HIGH), bounded));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector e = taylor(r).reinterpretAsInts().add(power).reinterpretAsFloats();
        return e.blend(0f, x.compare(VectorOperators.LT, LEAST));
    }

    /** exp(r) for |r| ≤ ln(2) / 2: seven terms leave 5e-9. */
    private static FloatVector taylor(FloatVector r) {
        FloatVector p = FloatVector.broadcast(SPECIES, 1f / 5040);
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1f / 720));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1f / 120));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1f / 24));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1f / 6));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 0.5f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
        return p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    }

    /** Returns the larger lanes of both; a NaN on the right is ignored, which saves what Java's max does for it. */
    public static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }
}
