package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.spread;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link CachedAttention}; loaded only where {@link Simd#on()}. */
final class AttentionLanes {
    private static final int WIDTH = Lanes.FLOAT.length();
    private static final long BYTES = 4L * WIDTH;
    private static final int ROW = 4 * CachedAttention.PANEL;

    private AttentionLanes() {}

    /** Writes q·k for n positions, the rest of their last panel with them. */
    static void scores(long q, int headWidth, long keys, int n, long out) {
        long panels = (n + CachedAttention.PANEL - 1) / CachedAttention.PANEL;
        for (long panel = 0; panel < panels; panel++) {
            long from = keys + panel * headWidth * ROW;
            for (long at = 0; at < ROW; at += 4 * BYTES) {
                dots(q, headWidth, from + at, out + panel * ROW + at);
            }
        }
    }

    private static void dots(long q, int headWidth, long keys, long out) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < headWidth; i++) {
            FloatVector v = spread(q + 4L * i);
            long at = keys + (long) i * ROW;
            a = v.fma(load(at), a);
            b = v.fma(load(at + BYTES), b);
            c = v.fma(load(at + 2 * BYTES), c);
            d = v.fma(load(at + 3 * BYTES), d);
        }
        store(a, out);
        store(b, out + BYTES);
        store(c, out + 2 * BYTES);
        store(d, out + 3 * BYTES);
    }

    /** Replaces scores by exp(scale·(score − largest)) and returns their sum; what stands behind them in a vector becomes 0. */
    static float softmax(long scores, int n, float scale) {
        int whole = (n + WIDTH - 1) / WIDTH * WIDTH;
        for (int i = n; i < whole; i++) {
            RawMemory.set(scores + 4L * i, Float.NEGATIVE_INFINITY);
        }
        return exponents(scores, whole, Lanes.broadcast(largest(scores, whole)), Lanes.broadcast(scale));
    }

    private static float largest(long scores, int n) {
        FloatVector largest = load(scores);
        for (int i = WIDTH; i < n; i += WIDTH) {
            largest = largest.max(load(scores + 4L * i));
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    private static float exponents(long scores, int n, FloatVector largest, FloatVector scale) {
        FloatVector sum = FloatVector.zero(Lanes.FLOAT);
        for (int i = 0; i < n; i += WIDTH) {
            FloatVector share =
                    VectorFloats.exp(load(scores + 4L * i).sub(largest).mul(scale));
            store(share, scores + 4L * i);
            sum = sum.add(share);
        }
        return VectorFloats.sum(sum);
    }

    /** Writes the sum over n positions of share times value, [valueWidth], a multiple of the lanes. */
    static void mix(long shares, int n, long values, int valueWidth, long out) {
        int i = 0;
        for (; i <= valueWidth - 4 * WIDTH; i += 4 * WIDTH) {
            four(shares, n, values + 4L * i, 4L * valueWidth, out + 4L * i);
        }
        for (; i < valueWidth; i += WIDTH) {
            one(shares, n, values + 4L * i, 4L * valueWidth, out + 4L * i);
        }
    }

    private static void four(long shares, int n, long values, long stride, long out) {
        FloatVector a = FloatVector.zero(Lanes.FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int p = 0; p < n; p++) {
            FloatVector share = spread(shares + 4L * p);
            long at = values + p * stride;
            a = share.fma(load(at), a);
            b = share.fma(load(at + BYTES), b);
            c = share.fma(load(at + 2 * BYTES), c);
            d = share.fma(load(at + 3 * BYTES), d);
        }
        store(a, out);
        store(b, out + BYTES);
        store(c, out + 2 * BYTES);
        store(d, out + 3 * BYTES);
    }

    private static void one(long shares, int n, long values, long stride, long out) {
        FloatVector sum = FloatVector.zero(Lanes.FLOAT);
        for (int p = 0; p < n; p++) {
            sum = spread(shares + 4L * p).fma(load(values + p * stride), sum);
        }
        store(sum, out);
    }
}
