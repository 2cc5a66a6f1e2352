package dev.lapidary.runtime.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.set;

/** The scalar twins of {@link AttentionLanes}. */
final class AttentionScalars {
    private AttentionScalars() {}

    /** Writes q·k for n positions, the rest of their last panel with them. */
    static void scores(long q, int headWidth, long keys, int n, long out) {
        int panel = CachedAttention.PANEL;
        for (int p = 0; p < n; p++) {
            long from = keys + 4L * (p / panel * panel * (long) headWidth + p % panel);
            float sum = 0;
            for (int i = 0; i < headWidth; i++) {
                sum += get(q + 4L * i) * get(from + 4L * i * panel);
            }
            set(out + 4L * p, sum);
        }
    }

    /** Replaces scores by exp(scale·(score − largest)) and returns their sum. */
    static float softmax(long scores, int n, float scale) {
        float largest = DecoderScalars.largest(scores, 0, n);
        float sum = 0;
        for (long i = 0; i < 4L * n; i += 4) {
            float share = (float) Math.exp((get(scores + i) - largest) * scale);
            set(scores + i, share);
            sum += share;
        }
        return sum;
    }

    /** Writes the sum over n positions of share times value, [valueWidth]. */
    static void mix(long shares, int n, long values, int valueWidth, long out) {
        for (int i = 0; i < valueWidth; i++) {
            float sum = 0;
            for (int p = 0; p < n; p++) {
                sum += get(shares + 4L * p) * get(values + 4L * ((long) p * valueWidth + i));
            }
            set(out + 4L * i, sum);
        }
    }
}
