package dev.lapidary.concept.classifier;

import dev.lapidary.metric.StudentT;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * 95 % intervals for the difference in accuracy of two classifiers that saw the same items.
 *
 * @param low lower end, as a share of items
 * @param high upper end
 */
public record PairedInterval(double low, double high) {
    private static final int RESAMPLES = 2_000;
    private static final double NORMAL_QUANTILE = 1.959964; // of 97.5 %
    private static final int MOST_DRAWS = 5_000;

    /** Whether the interval leaves out zero, on either side. */
    public boolean excludesZero() {
        return low > 0 || high < 0;
    }

    /**
     * From one difference per seed, each on its own split: Student's t with the correction for overlapping training parts. Few
     * seeds can agree by chance (two equal differences would give an interval of no width), so the interval is never narrower
     * than that of the test items alone, and it stays within what a difference of shares can be.
     *
     * @param differences at least two
     * @param testToTrain items of the test part divided by those of the training part
     * @param itemVariance variance of one seed's difference that comes from drawing its test items: {@link #itemVariance}
     * @see <a href="https://doi.org/10.1023/A:1024068626366">Nadeau and Bengio 2003, Inference for the generalization error</a>
     */
    public static PairedInterval overSeeds(double[] differences, double testToTrain, double itemVariance) {
        int n = differences.length;
        if (n < 2) {
            throw new IllegalArgumentException("an interval over seeds needs at least 2 seeds; got " + n);
        }
        double mean = Arrays.stream(differences).average().orElseThrow();
        double squares =
                Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
        double spread = Math.sqrt(1.0 / n + testToTrain);
        double overSeeds = StudentT.quantile(n - 1) * Math.sqrt(squares / (n - 1));
        double overItems = NORMAL_QUANTILE * Math.sqrt(itemVariance);
        double half = spread * Math.max(overSeeds, overItems);
        return new PairedInterval(Math.max(-1, mean - half), Math.min(1, mean + half));
    }

    /**
     * The variance of the difference in accuracy that comes from drawing the test items.
     *
     * @param correctA whether the first classifier is right on each item [n]
     * @param correctB the same for the second
     */
    public static double itemVariance(boolean[] correctA, boolean[] correctB) {
        int items = correctA.length;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < items; i++) {
            double difference = (correctA[i] ? 1 : 0) - (correctB[i] ? 1 : 0);
            sum += difference;
            squares += difference * difference;
        }
        double mean = sum / items;
        return (squares / items - mean * mean) / items;
    }

    /**
     * From the same items judged under every seed: percentiles of the mean difference when both seeds and items are drawn again.
     *
     * @param correctA per seed, whether the first classifier is right on each item [seeds][n]
     * @param correctB the same for the second
     */
    public static PairedInterval overItems(boolean[][] correctA, boolean[][] correctB) {
        int seeds = correctA.length;
        int items = correctA[0].length;
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(0x1a91da27L + items);
        byte[][] differences = new byte[seeds][items];
        for (int s = 0; s < seeds; s++) {
            for (int i = 0; i < items; i++) {
                differences[s][i] = (byte) ((correctA[s][i] ? 1 : 0) - (correctB[s][i] ? 1 : 0));
            }
        }
        double[] ofSeeds =
                Arrays.stream(differences).mapToDouble(PairedInterval::mean).toArray();
        double[] means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            means[r] = resampledMean(differences, ofSeeds, random);
        }
        Arrays.sort(means);
        return new PairedInterval(means[(int) (0.025 * RESAMPLES)], means[(int) (0.975 * RESAMPLES) - 1]);
    }

    /** Draws seeds, then items; of very many items a part, with its spread scaled to that of all. */
    private static double resampledMean(byte[][] differences, double[] ofSeeds, RandomGenerator random) {
        int seeds = differences.length;
        int items = differences[0].length;
        int draws = Math.min(items, MOST_DRAWS);
        int[] weight = new int[seeds];
        for (int s = 0; s < seeds; s++) {
            weight[random.nextInt(seeds)]++;
        }
        double all = 0;
        for (int s = 0; s < seeds; s++) {
            all += weight[s] * ofSeeds[s];
        }
        long drawn = 0;
        for (int d = 0; d < draws; d++) {
            int item = random.nextInt(items);
            for (int s = 0; s < seeds; s++) {
                drawn += (long) weight[s] * differences[s][item];
            }
        }
        double spread = (double) drawn / draws - all;
        return (all + Math.sqrt((double) draws / items) * spread) / seeds;
    }

    private static double mean(byte[] differences) {
        long sum = 0;
        for (byte d : differences) {
            sum += d;
        }
        return (double) sum / differences.length;
    }
}
