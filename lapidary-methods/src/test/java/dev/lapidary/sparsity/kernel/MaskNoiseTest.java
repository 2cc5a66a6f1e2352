package dev.lapidary.sparsity.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.kernel.Golden;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quality of the noise; every bound holds with room for the fixed seeds and breaks for a visibly bad generator. */
class MaskNoiseTest {
    private static final int SAMPLES = 200_000;
    private static final int CELLS = 256;

    private static long keys(long seed, long stream, long step) {
        return MaskNoise.keys(seed, stream, step, 0);
    }

    private static int word(long keys, int counter) {
        return MaskNoise.word((int) keys + counter, (int) (keys >>> 32));
    }

    /** Chi-square of counts that are all expected to be equal, in standard deviations from its mean. */
    private static double deviation(long[] counts) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double expected = (double) total / counts.length;
        double chi = 0;
        for (long count : counts) {
            chi += (count - expected) * (count - expected) / expected;
        }
        int freedom = counts.length - 1;
        return (chi - freedom) / Math.sqrt(2.0 * freedom);
    }

    @Test
    void fillsCellsEvenlyAtEveryEightBits() {
        for (int shift = 1; shift <= 24; shift += 1) {
            long[] counts = new long[CELLS];
            long keys = keys(1, 2, 3);
            for (int i = 0; i < 1 << 18; i++) {
                counts[word(keys, i) >>> shift & CELLS - 1]++;
            }
            assertThat(deviation(counts)).as("bits from %d", shift).isBetween(-5.0, 5.0);
        }
    }

    /** Pairs of neighbours, of groups 16 apart, of patterns, of steps, of streams and of seeds. */
    @Test
    void showsNoPatternInPairs() {
        int pattern = 1 << MaskNoise.REGION_BITS;
        long keys = keys(1, 2, 3);
        evenPairs("neighbours", keys, 0, keys, 1);
        evenPairs("two apart", keys, 0, keys, 2);
        evenPairs("16 apart", keys, 0, keys, 16);
        evenPairs("4096 apart", keys, 0, keys, 4096);
        evenPairs("65536 apart", keys, 0, keys, 65536);
        evenPairs("patterns", keys, 0, keys, pattern);
        evenPairs("patterns two apart", keys, 0, keys, 2 * pattern);
        evenPairs("steps", keys, 0, keys(1, 2, 4), 0);
        evenPairs("streams", keys, 0, keys(1, 3, 3), 0);
        evenPairs("seeds", keys, 0, keys(2, 2, 3), 0);
        evenPairs("regions", keys, 0, MaskNoise.keys(1, 2, 3, 1), 0);
        evenPairs("rounding", keys, 0, MaskNoise.roundingKeys(1, 2, 3, 0), 0);
    }

    private static void evenPairs(String what, long keys, int shift, long otherKeys, int otherShift) {
        long[] counts = new long[CELLS * CELLS];
        for (int i = 0; i < 1 << 20; i++) {
            int first = word(keys, i + shift) >>> 24;
            int second = word(otherKeys, i + otherShift) >>> 24;
            counts[CELLS * first + second]++;
        }
        assertThat(deviation(counts)).as(what).isBetween(-5.0, 5.0);
    }

    /** Every bit of counter and keys must flip every used bit of the word in about half of all cases. */
    @Test
    void changesHalfOfAllBits() {
        for (int input = 0; input < 27; input++) {
            int[] flips = new int[32];
            for (int i = 0; i < 1 << 14; i++) {
                long keys = keys(5, 6, i);
                int changed = word(keys, i) ^ word(keys, i ^ 1 << input);
                for (int bit = 1; bit < 32; bit++) {
                    flips[bit] += changed >>> bit & 1;
                }
            }
            for (int bit = 8; bit < 32; bit++) { // lower ones matter for spacings below 2^-23 only
                assertThat(flips[bit] / 16384.0).as("bit %d by %d", bit, input).isCloseTo(0.5, within(0.06));
            }
        }
    }

    @Test
    void drawsOtherWordsForOtherStepsStreamsAndSeeds() {
        assertThat(keys(1, 2, 3)).isEqualTo(keys(1, 2, 3));
        assertThat(keys(1, 2, 3)).isNotIn(keys(1, 2, 4), keys(1, 3, 2), keys(2, 1, 3), keys(3, 2, 1));
        assertThat(keys(1, 2, 3)).isNotEqualTo(MaskNoise.keys(1, 2, 3, 1));
    }

    /** Differences of two Gumbel values are logistic; the spacings of 2:4 have a common shift. */
    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4"})
    void drawsGumbelValuesUpToAShift(String text) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        int count = pattern.count();
        double[] sums = new double[count];
        double[] squares = new double[count];
        double[] products = new double[count];
        float[] noise = noise(pattern, 21, 4);
        for (int group = 0; group < SAMPLES; group++) {
            for (int i = 0; i < count; i++) {
                double difference = noise[count * group + i] - noise[count * group + (i + 1) % count];
                double disjoint = noise[count * group + (i + 2) % count] - noise[count * group + (i + 3) % count];
                sums[i] += difference;
                squares[i] += difference * difference;
                products[i] += difference * disjoint;
            }
        }
        for (int i = 0; i < count; i++) {
            assertThat(sums[i] / SAMPLES).isCloseTo(0, within(0.02));
            assertThat(squares[i] / SAMPLES).isCloseTo(Math.PI * Math.PI / 3, within(0.05));
            assertThat(products[i] / SAMPLES).isCloseTo(0, within(0.03)); // independent
        }
    }

    @Test
    void drawsGumbelValuesOfTheRightMeanAndVariance() {
        float[] noise = noise(SparsityPattern.parse("1:4"), 3, 1); // one by one, so without a shift
        double sum = 0;
        double squares = 0;
        for (float each : noise) {
            sum += each;
            squares += (double) each * each;
        }
        double mean = sum / noise.length;
        assertThat(mean).isCloseTo(0.5772156649015329, within(0.01));
        assertThat(squares / noise.length - mean * mean).isCloseTo(1.6449340668482264, within(0.02));
    }

    private static float[] noise(SparsityPattern pattern, long seed, long step) {
        try (Arena arena = Arena.ofShared();
                var state = new MaskState(pattern, StateType.F32, (long) SAMPLES * pattern.of(), seed, 0);
                var kernel = new MaskKernel(pattern, StateType.F32, 1)) {
            MemorySegment values = arena.allocate(4L * SAMPLES * pattern.count(), 64);
            kernel.noise(state, step, values);
            return values.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    @Test
    void choosesPatternsAsOftenAsTheirProbabilitiesSay() {
        Golden golden = Golden.maskllm();
        double[] scaled = golden.numbers("gumbel_max/kappa_times_gate");
        double[] expected = golden.numbers("gumbel_max/expected_argmax_frequency");
        SparsityPattern pattern = SparsityPattern.TWO_OF_FOUR;
        int[] counts = new int[6];
        try (Arena arena = Arena.ofShared();
                var state = new MaskState(pattern, StateType.F32, 4L * SAMPLES, 1, 0);
                var kernel = new MaskKernel(pattern, StateType.F32, 1)) {
            MemorySegment logits = arena.allocate(24L * SAMPLES, 64);
            for (int i = 0; i < 6 * SAMPLES; i++) {
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) scaled[i % 6] / 100);
            }
            kernel.writeLogits(state, logits);
            MemorySegment ones = arena.allocate(16L * SAMPLES, 64);
            for (int i = 0; i < 4 * SAMPLES; i++) {
                ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1f);
            }
            MemorySegment masked = arena.allocate(16L * SAMPLES, 64);
            kernel.forward(state, ones, masked, new Sample(100, 4, 0, true));
            for (int group = 0; group < SAMPLES; group++) {
                int positions = 0;
                for (int k = 0; k < 4; k++) {
                    positions |= (int) masked.getAtIndex(ValueLayout.JAVA_FLOAT, 4L * group + k) << k;
                }
                counts[pattern.code(positions)]++;
            }
        }
        double tolerance = golden.number("gumbel_max/tolerance_200k_samples");
        for (int i = 0; i < 6; i++) {
            assertThat((double) counts[i] / SAMPLES).isCloseTo(expected[i], within(tolerance));
        }
    }

    @Test
    void takesLogarithmsAndPowers() {
        for (int i = 1; i < 100_000; i++) {
            float x = i * 21474.83f;
            double expected = Math.log(x) / Math.log(2) - 28;
            assertThat(MaskNoise.log(x) * 0x1p-23).isCloseTo(expected, within(1e-6));
        }
        for (int i = 0; i < 10_000; i++) {
            float x = i * 0.0131f;
            double expected = Math.pow(2, -Math.min(126, x));
            assertThat((double) ScalarMaskPasses.power(x)).isCloseTo(expected, within(2e-7 * expected));
        }
        assertThat(ScalarMaskPasses.power(0)).isEqualTo(1f);
        assertThat(ScalarMaskPasses.power(1e30f)).isEqualTo(0x1p-126f);
        assertThat(Double.isFinite(MaskNoise.log(0))).isTrue();
    }
}
