package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.set;

/** The scalar twins of {@link DecoderLanes}. */
final class DecoderScalars {
    private DecoderScalars() {}

    static void rmsNorm(long x, long weight, long out, int n, float epsilon) {
        scale(x, weight, out, 0, n, inverse(squares(x, 0, n, 0), n, epsilon));
    }

    static void layerNorm(long x, long weight, long bias, long out, int n, float epsilon) {
        float mean = sum(x, 0, n) / n;
        shifted(x, weight, bias, out, 0, n, mean, inverse(squares(x, 0, n, mean), n, epsilon));
    }

    /** 1 / √(sum / n + epsilon). */
    static float inverse(float sum, int n, float epsilon) {
        return (float) (1 / Math.sqrt(sum / n + epsilon));
    }

    static float sum(long x, int from, int n) {
        float sum = 0;
        for (int i = from; i < n; i++) {
            sum += get(x + 4L * i);
        }
        return sum;
    }

    static float squares(long x, int from, int n, float mean) {
        float sum = 0;
        for (int i = from; i < n; i++) {
            float value = get(x + 4L * i) - mean;
            sum += value * value;
        }
        return sum;
    }

    static void scale(long x, long weight, long out, int from, int n, float factor) {
        for (long i = 4L * from; i < 4L * n; i += 4) {
            set(out + i, get(x + i) * factor * get(weight + i));
        }
    }

    static void shifted(long x, long weight, long bias, long out, int from, int n, float mean, float factor) {
        for (long i = 4L * from; i < 4L * n; i += 4) {
            set(out + i, (get(x + i) - mean) * factor * get(weight + i) + get(bias + i));
        }
    }

    static void add(long x, long y, long n) {
        for (long i = 0; i < 4 * n; i += 4) {
            set(x + i, get(x + i) + get(y + i));
        }
    }

    static void rotate(long head, long turn, int half) {
        rotate(head, turn, 0, half);
    }

    static void rotate(long head, long turn, int from, int half) {
        long other = 4L * half;
        for (long i = 4L * from; i < other; i += 4) {
            float cos = get(turn + i);
            float sin = get(turn + other + i);
            float a = get(head + i);
            float b = get(head + other + i);
            set(head + i, a * cos - b * sin);
            set(head + other + i, b * cos + a * sin);
        }
    }

    static float largest(long x, int from, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < n; i++) {
            largest = Math.max(largest, get(x + 4L * i));
        }
        return largest;
    }

    static double sumExp(long x, int from, int n, float largest) {
        double sum = 0;
        for (int i = from; i < n; i++) {
            sum += Math.exp(get(x + 4L * i) - largest);
        }
        return sum;
    }
}
