package dev.lapidary.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftmaxFilterTest {
    private static final double FLOAT = 2e-6; // of a probability: rounding of logits of size 20 and of a sum in float32

    /** Odd sizes and block borders, against the formula in float64. */
    @ParameterizedTest
    @CsvSource({"1, 1, 0.1", "7, 3, 0.01", "100, 33, 0.01", "1000, 64, 0.001", "5000, 1024, 0.001", "5000, 700, 0.9"})
    void keepsWhatIsNotNegligible(int vocabulary, int size, double threshold) {
        for (SoftmaxScan scan : new SoftmaxScan[] {SoftmaxScan.best(), new ScalarSoftmaxScan()}) {
            float[] logits = logits(vocabulary, 3);
            int target = vocabulary / 2;
            SoftmaxFilter filter = new SoftmaxFilter(2, size, vocabulary, threshold, scan);
            filter.begin();
            takeAll(filter, 1, logits, size, target);

            double[] exact = softmax(logits);
            assertThat(filter.loss(1)).isCloseTo(-Math.log(exact[target]), within(1e-5));
            Map<Integer, Double> expected = new TreeMap<>();
            for (int i = 0; i < vocabulary; i++) {
                if (exact[i] >= threshold || i == target) {
                    expected.put(i, exact[i] - (i == target ? 1 : 0));
                }
            }
            assertThat(filter.finish(1, target)).isEqualTo(expected.size());
            assertThat(factors(filter, vocabulary)).containsExactly(dense(expected, vocabulary), within(FLOAT));
        }
    }

    /** More candidates than there is room for: logits that rise from block to block, so that the first ones fall below the bar. */
    @Test
    void forgetsWhatBecameNegligible() {
        float[] logits = new float[400];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = i / 20; // whole numbers
        }
        SoftmaxFilter filter = new SoftmaxFilter(1, 20, 400, 0.04);
        filter.begin();
        takeAll(filter, 0, logits, 20, 0);
        double last = softmax(logits)[399];
        assertThat(last).isBetween(0.025, 0.04); // below the threshold: but for the target nothing is left
        assertThat(filter.finish(0, 0)).isEqualTo(1);

        SoftmaxFilter lower = new SoftmaxFilter(1, 20, 400, 0.02);
        lower.begin();
        takeAll(lower, 0, logits, 20, 0);
        assertThat(lower.finish(0, 0)).isEqualTo(21);
    }

    /** Both bodies give the same bits where they only multiply and add. */
    @Test
    void addsAsTheTwinDoes() {
        try (Arena arena = Arena.ofConfined()) {
            int count = 53;
            float[][] results = new float[2][];
            SoftmaxScan[] scans = {SoftmaxScan.best(), new ScalarSoftmaxScan()};
            for (int s = 0; s < 2; s++) {
                MemorySegment to = arena.allocateFrom(ValueLayout.JAVA_FLOAT, logits(count + 1, 1));
                MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, logits(count + 1, 2));
                scans[s].add(to, 4, from, 4, count, 0.37f);
                results[s] = to.toArray(ValueLayout.JAVA_FLOAT);
            }
            assertThat(results[0]).isEqualTo(results[1]).isNotEqualTo(logits(count + 1, 1));
        }
    }

    @Test
    void refusesAThresholdThatKeepsNothing() {
        assertThatThrownBy(() -> new SoftmaxFilter(1, 1, 1, 1.5))
                .hasMessage("a threshold must be above 0 and at most 1; got 1.5");
    }

    private static void takeAll(SoftmaxFilter filter, int row, float[] logits, int size, int target) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocateFrom(ValueLayout.JAVA_FLOAT, logits);
            for (int first = 0; first < logits.length; first += size) {
                filter.take(row, all, 4L * first, Math.min(size, logits.length - first), first, target);
            }
        }
    }

    /** The factors of row 1 by vocabulary, read off the gradient of a weight of width 1 under hidden 1. */
    private static double[] factors(SoftmaxFilter filter, int vocabulary) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weight = arena.allocate(4L * vocabulary, 4);
            MemorySegment gradient = arena.allocate(4L * vocabulary, 4);
            MemorySegment hidden = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1f);
            MemorySegment other = arena.allocate(4, 4);
            filter.accumulate(1, 0, new SoftmaxFilter.Sides(weight, hidden, other, gradient, 1), 1);
            float[] values = gradient.toArray(ValueLayout.JAVA_FLOAT);
            double[] wide = new double[vocabulary];
            Arrays.setAll(wide, i -> values[i]);
            return wide;
        }
    }

    private static double[] dense(Map<Integer, Double> sparse, int vocabulary) {
        double[] all = new double[vocabulary];
        sparse.forEach((place, value) -> all[place] = value);
        return all;
    }

    private static double[] softmax(float[] logits) {
        double[] p = new double[logits.length];
        Arrays.setAll(p, i -> Math.exp(logits[i]));
        double sum = Arrays.stream(p).sum();
        Arrays.setAll(p, i -> p[i] / sum);
        return p;
    }

    private static float[] logits(int count, long seed) {
        Random random = new Random(seed);
        float[] logits = new float[count];
        for (int i = 0; i < count; i++) {
            logits[i] = (float) (3 * random.nextGaussian());
        }
        return logits;
    }
}
