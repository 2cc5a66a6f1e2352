package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The vector bodies of {@link DecoderKernels}; loaded only where {@link Simd#on()}. */
final class DecoderLanes {
    private static final int WIDTH = Lanes.FLOAT.length();
    private static final long BYTES = 4L * WIDTH;

    private DecoderLanes() {}

    static void rmsNorm(long x, long weight, long out, int n, float epsilon) {
        float factor = DecoderScalars.inverse(squares(x, n, 0), n, epsilon);
        FloatVector factors = Lanes.broadcast(factor);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            long at = 4L * i;
            store(load(x + at).mul(factors).mul(load(weight + at)), out + at);
        }
        DecoderScalars.scale(x, weight, out, i, n, factor);
    }

    static void layerNorm(long x, long weight, long bias, long out, int n, float epsilon) {
        float mean = sum(x, n) / n;
        float factor = DecoderScalars.inverse(squares(x, n, mean), n, epsilon);
        FloatVector means = Lanes.broadcast(mean);
        FloatVector factors = Lanes.broadcast(factor);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            long at = 4L * i;
            store(load(x + at).sub(means).mul(factors).mul(load(weight + at)).add(load(bias + at)), out + at);
        }
        DecoderScalars.shifted(x, weight, bias, out, i, n, mean, factor);
    }

    private static float sum(long x, int n) {
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            even = even.add(load(x + 4L * i));
            odd = odd.add(load(x + 4L * i + BYTES));
        }
        return VectorFloats.sum(even.add(odd)) + DecoderScalars.sum(x, i, n);
    }

    private static float squares(long x, int n, float mean) {
        FloatVector means = Lanes.broadcast(mean);
        FloatVector even = FloatVector.zero(Lanes.FLOAT);
        FloatVector odd = even;
        int i = 0;
        for (; i <= n - 2 * WIDTH; i += 2 * WIDTH) {
            FloatVector a = load(x + 4L * i).sub(means);
            FloatVector b = load(x + 4L * i + BYTES).sub(means);
            even = a.fma(a, even);
            odd = b.fma(b, odd);
        }
        return VectorFloats.sum(even.add(odd)) + DecoderScalars.squares(x, i, n, mean);
    }

    static void add(long x, long y, long n) {
        long i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            long at = 4 * i;
            store(load(x + at).add(load(y + at)), x + at);
        }
        DecoderScalars.add(x + 4 * i, y + 4 * i, n - i);
    }

    static void rotate(long head, long turn, int half) {
        long other = 4L * half;
        int i = 0;
        for (; i <= half - WIDTH; i += WIDTH) {
            long at = 4L * i;
            FloatVector cos = load(turn + at);
            FloatVector sin = load(turn + other + at);
            FloatVector a = load(head + at);
            FloatVector b = load(head + other + at);
            store(a.mul(cos).sub(b.mul(sin)), head + at);
            store(b.mul(cos).add(a.mul(sin)), head + other + at);
        }
        DecoderScalars.rotate(head, turn, i, half);
    }

    static float largest(long x, int n) {
        FloatVector largest = Lanes.broadcast(Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            largest = largest.max(load(x + 4L * i));
        }
        return Math.max(largest.reduceLanes(VectorOperators.MAX), DecoderScalars.largest(x, i, n));
    }

    static double sumExp(long x, int n, float largest) {
        FloatVector shift = Lanes.broadcast(largest);
        FloatVector sum = FloatVector.zero(Lanes.FLOAT);
        int i = 0;
        for (; i <= n - WIDTH; i += WIDTH) {
            sum = sum.add(VectorFloats.exp(load(x + 4L * i).sub(shift)));
        }
        return VectorFloats.sum(sum) + DecoderScalars.sumExp(x, i, n, largest);
    }
}
