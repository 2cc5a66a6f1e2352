package dev.lapidary.trial;

import dev.lapidary.metric.Interval;
import dev.lapidary.metric.StudentT;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** How often a comparison would hold again, on as many other seeds. */
public final class Repeats {
    private static final int DRAWS = 20_000;
    private static final long SEED = 0x5eed;

    private Repeats() {}

    /**
     * Returns the share of repeats that would hold if the differences of the seeds were normal with the mean and the deviation that
     * were seen: by drawing 20,000 repeats from a fixed seed, so it is off by up to 0.01. It trusts the mean that was seen, which favours
     * what held by luck.
     *
     * @param difference mean that was seen
     * @param interval its 95 % interval by Student's t
     * @param seeds number of seeds, at least 2
     * @param bound what the interval must leave below: 0 where "better" is claimed, else minus the margin
     */
    public static double share(double difference, Interval interval, int seeds, double bound) {
        double quantile = StudentT.quantile(seeds - 1);
        double deviation = (interval.high() - interval.low()) / 2 / quantile * Math.sqrt(seeds);
        if (deviation == 0) {
            return difference > bound || difference == bound && bound < 0 ? 1 : 0;
        }
        RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        int held = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            double sum = 0;
            double squares = 0;
            for (int seed = 0; seed < seeds; seed++) {
                double value = difference + deviation * random.nextGaussian();
                sum += value;
                squares += value * value;
            }
            double mean = sum / seeds;
            double spread = Math.sqrt(Math.max(0, squares - seeds * mean * mean) / (seeds - 1) / seeds);
            held += mean - quantile * spread > bound ? 1 : 0;
        }
        return (double) held / DRAWS;
    }
}
