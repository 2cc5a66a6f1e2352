package dev.lapidary.image;

/**
 * Which pixels of a row or column make each new pixel, and with which weights: integers that sum to about 2^22, as Pillow rounds
 * them for pictures of bytes.
 *
 * <p>Shrinking widens the filter by the scale, so that every old pixel counts (antialiasing).
 */
final class ResizeWeights {
    /** Bits behind the point: 32 less 8 of a pixel, less 2 for overshoot and sign. */
    static final int PRECISION = 22;

    /** Half of the last place that stays, where every sum begins. */
    static final int HALF = 1 << (PRECISION - 1);

    private final int taps;
    private final int[] first; // [size]
    private final int[] count; // [size]
    private final int[] weights; // [size, taps]

    private ResizeWeights(int size, int taps) {
        this.taps = taps;
        this.first = new int[size];
        this.count = new int[size];
        this.weights = new int[Math.multiplyExact(size, taps)];
    }

    /** Calculates the weights of {@code size} new pixels from {@code from} old ones. */
    static ResizeWeights of(int from, int size, ResizeFilter filter) {
        double scale = (double) from / size;
        double widening = Math.max(scale, 1);
        double support = filter.support() * widening;
        int taps = Math.min(from, (int) Math.ceil(support) * 2 + 1);
        ResizeWeights all = new ResizeWeights(size, taps);
        double[] exact = new double[taps];
        for (int i = 0; i < size; i++) {
            double centre = (i + 0.5) * scale;
            int begin = Math.max(0, (int) (centre - support + 0.5));
            int count = Math.min(from, (int) (centre + support + 0.5)) - begin;
            all.first[i] = begin;
            all.count[i] = count;
            double sum = 0;
            for (int t = 0; t < count; t++) {
                exact[t] = filter.weight((t + begin - centre + 0.5) * (1 / widening));
                sum += exact[t];
            }
            for (int t = 0; t < count; t++) {
                all.weights[i * taps + t] = fixed(sum == 0 ? exact[t] : exact[t] / sum);
            }
        }
        return all;
    }

    private static int fixed(double weight) {
        double scaled = weight * (1 << PRECISION);
        return (int) (weight < 0 ? scaled - 0.5 : scaled + 0.5);
    }

    /** The first old pixel of a new one. */
    int first(int pixel) {
        return first[pixel];
    }

    /** How many old pixels make a new one. */
    int count(int pixel) {
        return count[pixel];
    }

    /** Where a new pixel's weights begin in {@link #weights()}. */
    int at(int pixel) {
        return pixel * taps;
    }

    /** All weights [size, taps]. */
    int[] weights() {
        return weights;
    }

    /** The first old pixel that any new one needs. */
    int begin() {
        return first[0];
    }

    /** The old pixel after the last that any new one needs. */
    int end() {
        return first[first.length - 1] + count[count.length - 1];
    }
}
