package dev.lapidary.sparsity.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.optim.AdamSettings;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskKernelTest {
    private static final SparsityPattern PATTERN = SparsityPattern.TWO_OF_FOUR;

    private final Arena arena = Arena.ofAuto();
    private final Random random = new Random(9);

    /** Weights, the gradient of their masked form and logits of one problem, and what came of it. */
    private final class Problem {
        final SparsityPattern pattern;
        final StateType type;
        final long weights;
        final MemorySegment weight;
        final MemorySegment upstream;
        final MemorySegment logits;

        Problem(String pattern, StateType type, int groups) {
            this.pattern = SparsityPattern.parse(pattern);
            this.type = type;
            weights = (long) groups * this.pattern.of();
            weight = gaussian(weights, 0.5);
            upstream = gaussian(weights, 0.1);
            logits = gaussian((long) groups * this.pattern.count(), 0.01);
        }

        /** Returns the masked weights, the state and the sums of squares after two steps. */
        Outcome train(int threads, boolean vectors, boolean hard) {
            MemorySegment masked = arena.allocate(4 * weights, 64);
            double[] squares = new double[2];
            try (var state = new MaskState(pattern, type, weights, 11, 7);
                    var kernel = new MaskKernel(pattern, type, threads, vectors)) {
                kernel.writeLogits(state, logits);
                for (int step = 0; step < 2; step++) {
                    Sample sample = new Sample(300, 1.5f, step, hard);
                    float reward = step * 1e-2f;
                    kernel.forward(state, weight, masked, sample);
                    squares[step] = kernel.gradientSquares(state, weight, upstream, sample, reward);
                    AdamStep rule = AdamStep.published(5e-4, step + 1, AdamStep.clip(squares[step], 1));
                    kernel.update(state, weight, upstream, sample, reward, rule);
                }
                byte[] bytes = state.segment().toArray(ValueLayout.JAVA_BYTE);
                MaskFigures figures = kernel.figures(state, 300, 1.5f, new byte[(int) state.groups()]);
                return new Outcome(masked.toArray(ValueLayout.JAVA_BYTE), bytes, squares, figures);
            }
        }
    }

    private record Outcome(byte[] masked, byte[] state, double[] squares, MaskFigures figures) {
        void requireSame(Outcome other) {
            assertThat(other.masked).isEqualTo(masked);
            assertThat(other.squares).isEqualTo(squares);
            assertThat(other.state).isEqualTo(state);
            assertThat(other.figures).isEqualTo(figures);
        }
    }

    private MemorySegment gaussian(long n, double deviation) {
        MemorySegment segment = arena.allocate(4 * n, 64);
        for (long i = 0; i < n; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextGaussian() * deviation));
        }
        return segment;
    }

    @ParameterizedTest
    @CsvSource({
        "2:4,F32,1", "2:4,F32,16", "2:4,F32,1003", "2:4,BF16,1003", "1:4,F32,333", "1:4,BF16,17", "1:2,F32,77",
        "2:8,F32,133", "4:8,F32,35", "4:8,BF16,35", "1:3,BF16,50", "2:5,F32,50", "3:4,F32,20", "1:6,F32,40"
    })
    void givesTheBitsOfItsScalarTwin(String pattern, StateType type, int groups) {
        Problem problem = new Problem(pattern, type, groups);
        problem.train(1, false, false).requireSame(problem.train(1, true, false));
        problem.train(1, false, true).requireSame(problem.train(2, true, true));
    }

    @Test
    void givesTheSameBitsForAnyNumberOfThreads() {
        Problem problem = new Problem("2:4", StateType.F32, 3 * 4096 + 5); // four pieces
        Outcome one = problem.train(1, true, false);
        one.requireSame(problem.train(2, true, false));
        one.requireSame(problem.train(3, true, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4", "4:8", "2:8", "1:2"})
    void keepsNOfEveryMInSumAndExactlyWhenHard(String text) {
        SparsityPattern pattern = SparsityPattern.parse(text);
        int groups = 100;
        long weights = (long) groups * pattern.of();
        MemorySegment ones = arena.allocate(4 * weights, 64);
        for (long i = 0; i < weights; i++) {
            ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1f);
        }
        MemorySegment masked = arena.allocate(4 * weights, 64);
        MemorySegment gradients = arena.allocate(4L * groups * pattern.count(), 64);
        MemorySegment second = arena.allocate(gradients.byteSize(), 64);
        try (var state = new MaskState(pattern, StateType.F32, weights, 1, 2);
                var kernel = new MaskKernel(pattern, StateType.F32, 1)) {
            kernel.writeLogits(state, gaussian((long) groups * pattern.count(), 0.01));
            kernel.forward(state, ones, masked, Sample.soft(100, 1, 5));
            for (int group = 0; group < groups; group++) {
                assertThat(sum(masked, group, pattern.of())).isCloseTo(pattern.kept(), within(2e-6 * pattern.of()));
            }
            kernel.forward(state, ones, masked, new Sample(100, 1, 5, true));
            for (int group = 0; group < groups; group++) {
                int positions = 0;
                for (int k = 0; k < pattern.of(); k++) {
                    float value = masked.getAtIndex(ValueLayout.JAVA_FLOAT, (long) group * pattern.of() + k);
                    assertThat(value).isIn(0f, 1f);
                    positions |= (int) value << k;
                }
                assertThat(pattern.code(positions)).isNotNegative();
            }
            AdamStep rule =
                    new AdamStep(0, new AdamSettings(0, 0.95, 1e-8, 0), 1, 1); // the first moment becomes the gradient
            kernel.update(state, ones, gaussian(weights, 1), Sample.soft(100, 1, 5), 0.01f, rule);
            kernel.readMoments(state, gradients, second);
            for (int group = 0; group < groups; group++) {
                assertThat(sum(gradients, group, pattern.count())).isCloseTo(0, within(2e-3)); // of values near 100
            }
        }
    }

    private static double sum(MemorySegment values, int group, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += values.getAtIndex(ValueLayout.JAVA_FLOAT, (long) group * count + i);
        }
        return sum;
    }

    @Test
    void ignoresAConstantInAGroupsLogits() {
        int groups = 64;
        MemorySegment logits = gaussian(6L * groups, 0.25);
        MemorySegment shifted = arena.allocate(logits.byteSize());
        for (int i = 0; i < 6 * groups; i++) {
            float exact = Math.round(logits.getAtIndex(ValueLayout.JAVA_FLOAT, i) * 256) / 256f;
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, exact);
            shifted.setAtIndex(ValueLayout.JAVA_FLOAT, i, exact + 1 + i / 6 % 3); // exact as well
        }
        MemorySegment weight = gaussian(4L * groups, 1);
        float[] first = masked(logits, weight, new Sample(16, 1, 3, false));
        float[] second = masked(shifted, weight, new Sample(16, 1, 3, false));
        for (int i = 0; i < first.length; i++) {
            assertThat(second[i]).isCloseTo(first[i], within(1e-4f));
        }
    }

    private float[] masked(MemorySegment logits, MemorySegment weight, Sample sample) {
        long weights = weight.byteSize() / 4;
        MemorySegment masked = arena.allocate(4 * weights);
        try (var state = new MaskState(PATTERN, StateType.F32, weights, 1, 2);
                var kernel = new MaskKernel(PATTERN, StateType.F32, 1)) {
            kernel.writeLogits(state, logits);
            kernel.forward(state, weight, masked, sample);
        }
        return masked.toArray(ValueLayout.JAVA_FLOAT);
    }

    @Test
    void becomesTheArgmaxForALargeScaleAndOneHotForASmallTemperature() {
        int groups = 200;
        MemorySegment logits = gaussian(6L * groups, 1);
        MemorySegment ones = arena.allocate(16L * groups);
        for (int i = 0; i < 4 * groups; i++) {
            ones.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1f);
        }
        byte[] codes = new byte[groups];
        try (var state = new MaskState(PATTERN, StateType.F32, 4L * groups, 1, 2);
                var kernel = new MaskKernel(PATTERN, StateType.F32, 1)) {
            kernel.writeLogits(state, logits);
            kernel.codes(state, codes);
        }
        float[] scaled = masked(logits, ones, Sample.soft(1e7f, 1, 0));
        float[] cold = masked(logits, ones, Sample.soft(0, 1e-5f, 0));
        int different = 0;
        for (int group = 0; group < groups; group++) {
            int positions = 0;
            for (int k = 0; k < 4; k++) {
                float expected = PATTERN.keeps(codes[group], k) ? 1 : 0;
                assertThat(scaled[4 * group + k]).isCloseTo(expected, within(1e-6f));
                assertThat(cold[4 * group + k]).isBetween(0f, 1f);
                positions |= cold[4 * group + k] > 0.5 ? 1 << k : 0;
            }
            different += PATTERN.code(positions) == codes[group] ? 0 : 1;
            assertThat(PATTERN.code(positions)).isNotNegative();
        }
        assertThat(different).isGreaterThan(groups / 2); // without a scale noise alone decides
    }

    @Test
    void readsBackWhatWasWritten() {
        for (StateType type : StateType.values()) {
            try (var state = new MaskState(PATTERN, type, 4 * 37, 1, 2);
                    var kernel = new MaskKernel(PATTERN, type, 1)) {
                MemorySegment logits = gaussian(6 * 37, 1);
                MemorySegment moments = gaussian(6 * 37, 1e-3);
                MemorySegment found = arena.allocate(logits.byteSize());
                MemorySegment first = arena.allocate(logits.byteSize());
                MemorySegment second = arena.allocate(logits.byteSize());
                kernel.writeLogits(state, logits);
                kernel.writeMoments(state, moments, logits);
                kernel.readLogits(state, found);
                kernel.readMoments(state, first, second);
                for (int i = 0; i < 6 * 37; i++) {
                    float expected = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    float moment = moments.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                    boolean exact = type == StateType.F32;
                    assertThat(found.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .isEqualTo(exact ? expected : bfloat16(expected));
                    assertThat(first.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .isEqualTo(exact ? moment : bfloat16(moment));
                    assertThat(second.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .isEqualTo(exact ? expected : bfloat16(expected));
                }
                assertThat(state.segment().byteSize()).isEqualTo(MaskState.bytes(PATTERN, type, 4 * 37));
            }
        }
    }

    /** Rounds to nearest, ties to even, in another way than the kernel. */
    private static float bfloat16(float x) {
        float low = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xFFFF0000);
        float high = Float.intBitsToFloat((Float.floatToRawIntBits(x) & 0xFFFF0000) + 0x10000);
        double toLow = Math.abs((double) x - low);
        double toHigh = Math.abs((double) high - x);
        if (toLow == toHigh) {
            return (Float.floatToRawIntBits(low) & 0x10000) == 0 ? low : high;
        }
        return toLow < toHigh ? low : high;
    }

    @Test
    void roundsLogitsStochasticallySoThatSmallStepsAddUp() {
        int groups = 4096;
        MemorySegment weight = gaussian(4L * groups, 1);
        MemorySegment upstream = arena.allocate(16L * groups); // zeros: only weight decay moves logits
        MemorySegment logits = arena.allocate(24L * groups);
        for (int i = 0; i < 6 * groups; i++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0.75f);
        }
        try (var state = new MaskState(PATTERN, StateType.BF16, 4L * groups, 1, 2);
                var kernel = new MaskKernel(PATTERN, StateType.BF16, 1)) {
            kernel.writeLogits(state, logits);
            for (int step = 1; step <= 20; step++) { // 5e-4 each, an eighth of the spacing of bfloat16 there
                AdamStep rule = new AdamStep(0.01, new AdamSettings(0.9, 0.95, 1e-8, 0.05), step, 1);
                kernel.update(state, weight, upstream, Sample.soft(100, 4, step), 0, rule);
            }
            MaskFigures figures = kernel.figures(state, 100, 4, null);
            assertThat(figures.logitMean()).isCloseTo(0.75 * Math.pow(1 - 5e-4, 20), within(1e-4));
        }
    }

    @Test
    void sumsUpConvergence() {
        int groups = 50;
        try (var state = new MaskState(PATTERN, StateType.F32, 4L * groups, 1, 2);
                var kernel = new MaskKernel(PATTERN, StateType.F32, 1)) {
            MemorySegment logits = gaussian(6L * groups, 0.02);
            kernel.writeLogits(state, logits);
            byte[] codes = new byte[groups];
            kernel.codes(state, codes);
            for (int i = 0; i < 7; i++) {
                codes[5 * i] = (byte) ((codes[5 * i] + 1) % 6);
            }
            MaskFigures figures = kernel.figures(state, 200, 2, codes);
            double largest = 0;
            double sum = 0;
            double squares = 0;
            for (int group = 0; group < groups; group++) {
                double total = 0;
                double best = 0;
                for (int i = 0; i < 6; i++) {
                    double logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, 6L * group + i);
                    double chance = Math.exp(200 * logit / 2);
                    total += chance;
                    best = Math.max(best, chance);
                    sum += logit;
                    squares += logit * logit;
                }
                largest += best / total;
            }
            double mean = sum / (6 * groups);
            assertThat(figures.meanMaxProbability()).isCloseTo(largest / groups, within(1e-5));
            assertThat(figures.logitMean()).isCloseTo(mean, within(1e-9));
            double variance = (squares - 6 * groups * mean * mean) / (6 * groups - 1);
            assertThat(figures.logitStd()).isCloseTo(Math.sqrt(variance), within(1e-9));
            assertThat(figures.flips()).isEqualTo(7);
            assertThat(figures.flipped()).isCloseTo(0.14, within(1e-12));
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> new MaskState(PATTERN, StateType.F32, 6, 1, 2)).hasMessageContaining("got 6");
        assertThatThrownBy(() -> new MaskState(PATTERN, StateType.F32, 0, 1, 2)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Sample.soft(1, 0, 0)).hasMessageContaining("tau=0");
        assertThatThrownBy(() -> Sample.soft(Float.NaN, 1, 0)).hasMessageContaining("kappa=NaN");
        assertThatThrownBy(() -> StateType.parse("fp8")).hasMessageContaining("got fp8");
        try (var state = new MaskState(PATTERN, StateType.F32, 8, 1, 2);
                var kernel = new MaskKernel(PATTERN, StateType.F32, 1);
                var other = new MaskKernel(PATTERN, StateType.BF16, 1)) {
            MemorySegment two = arena.allocate(32);
            MemorySegment small = arena.allocate(28);
            Sample sample = Sample.soft(1, 1, 0);
            assertThatThrownBy(() -> kernel.forward(state, small, two, sample)).hasMessageContaining("got 28 bytes");
            assertThatThrownBy(() -> kernel.forward(state, MemorySegment.ofArray(new float[8]), two, sample))
                    .hasMessageContaining("heap");
            assertThatThrownBy(() -> other.forward(state, two, two, sample)).hasMessageContaining("BF16");
            assertThatThrownBy(() -> kernel.codes(state, new byte[3])).hasMessageContaining("got 3");
            state.close();
            assertThatThrownBy(() -> kernel.forward(state, two, two, sample)).hasMessageContaining("closed");
        } catch (IllegalStateException alreadyClosed) {
            assertThat(alreadyClosed).hasMessageContaining("closed");
        }
    }
}
