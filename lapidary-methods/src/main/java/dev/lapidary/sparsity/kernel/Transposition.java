package dev.lapidary.sparsity.kernel;

import dev.lapidary.runtime.kernel.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** The two steps of a 4×4 transposition within every quarter of 128 bits: lanes 0 to 3 of a quarter are those of one row. */
final class Transposition {
    private static final int N = Lanes.INT.length();
    private static final IntVector EVENS = index(0, N, 2, N + 2);
    private static final IntVector ODDS = index(1, N + 1, 3, N + 3);
    private static final IntVector LOWS = index(0, 1, N, N + 1);
    static final IntVector HIGHS = index(2, 3, N + 2, N + 3);

    private Transposition() {}

    private static IntVector index(int... quarter) {
        int[] all = new int[N];
        for (int i = 0; i < N; i++) {
            all[i] = quarter[i % 4] + i / 4 * 4;
        }
        return IntVector.fromArray(Lanes.INT, all, 0);
    }

    /** Returns a0 b0 a2 b2 of every quarter. */
    static FloatVector evens(FloatVector a, FloatVector b) {
        return EVENS.selectFrom(a.reinterpretAsInts(), b.reinterpretAsInts()).reinterpretAsFloats();
    }

    /** Returns a1 b1 a3 b3 of every quarter. */
    static FloatVector odds(FloatVector a, FloatVector b) {
        return ODDS.selectFrom(a.reinterpretAsInts(), b.reinterpretAsInts()).reinterpretAsFloats();
    }

    /** Returns x0 x1 y0 y1 of every quarter. */
    static FloatVector lows(FloatVector x, FloatVector y) {
        return LOWS.selectFrom(x.reinterpretAsInts(), y.reinterpretAsInts()).reinterpretAsFloats();
    }

    /** Returns x2 x3 y2 y3 of every quarter. */
    static FloatVector highs(FloatVector x, FloatVector y) {
        return HIGHS.selectFrom(x.reinterpretAsInts(), y.reinterpretAsInts()).reinterpretAsFloats();
    }
}
