package dev.lapidary.metric;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Draws items again, with replacement, to see how much a figure depends on which items there were.
 *
 * @see <a href="https://doi.org/10.1214/aos/1176344552">Efron 1979, Bootstrap methods: another look at the jackknife</a>
 */
public final class Bootstrap {
    /** Draws. */
    public static final int RESAMPLES = 1_000;

    private static final int OUTSIDE = 25; // of the draws on either side of a 95 % interval

    private Bootstrap() {}

    /**
     * Returns the 95 % percentile interval of a figure. It suits means and other figures without bias; {@link CalibrationError} shows
     * one that needs more care.
     *
     * @param items n
     * @param seed decides the draws
     * @param figure of the items where item i counts times[i] times [n]; NaN where a draw has none, which counts as the largest
     */
    public static Interval interval(int items, long seed, ToDoubleFunction<int[]> figure) {
        double[] values = new double[RESAMPLES];
        int[] next = {0};
        resample(items, seed, times -> values[next[0]++] = figure.applyAsDouble(times));
        return middle(values);
    }

    /**
     * Draws {@value #RESAMPLES} times n of n items.
     *
     * @param use gets how many times each item was drawn [n], in one array that the next draw overwrites
     */
    static void resample(int items, long seed, Consumer<int[]> use) {
        if (items < 1) {
            throw new IllegalArgumentException("there must be at least 1 item to draw; got " + items);
        }
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int[] times = new int[items];
        for (int r = 0; r < RESAMPLES; r++) {
            Arrays.fill(times, 0);
            for (int i = 0; i < items; i++) {
                times[random.nextInt(items)]++;
            }
            use.accept(times);
        }
    }

    /** Sorts values of all draws and returns what is left without the {@value #OUTSIDE} on either side. */
    static Interval middle(double[] values) {
        Arrays.sort(values); // NaN comes last
        return new Interval(values[OUTSIDE], values[RESAMPLES - 1 - OUTSIDE]);
    }
}
