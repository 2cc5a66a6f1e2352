package dev.lapidary.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftmaxRegressionKernelTest {

    /** A problem in plain arrays; loss and gradient follow the formula in float64. */
    private static final class Problem {
        final int n;
        final int p;
        final int k;
        final float[][] x;
        final double[] parameters;
        final int[] labels;
        float @Nullable [] soft;
        float @Nullable [] weights;
        float @Nullable [] scales;

        Problem(int n, int p, int k, long seed) {
            this.n = n;
            this.p = p;
            this.k = k;
            Random random = new Random(seed);
            x = new float[n][p];
            labels = new int[n];
            parameters = new double[k * (p + 1)];
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextInt(k);
                for (int j = 0; j < p; j++) {
                    x[i][j] = (float) random.nextGaussian();
                }
            }
            for (int i = 0; i < parameters.length; i++) {
                parameters[i] = random.nextGaussian() / Math.sqrt(p);
            }
        }

        void randomSoft(Random random) {
            soft = new float[n * k];
            for (int i = 0; i < soft.length; i++) {
                soft[i] = random.nextFloat();
            }
        }

        float[] positive(Random random) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = random.nextFloat() * 2;
            }
            return values;
        }

        double[] scores(int i, double[] at) {
            double[] z = new double[k];
            for (int c = 0; c < k; c++) {
                double dot = 0;
                for (int j = 0; j < p; j++) {
                    dot += x[i][j] * at[c * (p + 1) + j];
                }
                z[c] = dot * (scales == null ? 1 : scales[i]) + at[c * (p + 1) + p];
            }
            return z;
        }

        double loss(double[] at, double @Nullable [] gradient) {
            double loss = 0;
            double total = 0;
            for (int i = 0; i < n; i++) {
                double w = weights == null ? 1 : weights[i];
                total += w;
                loss += w * rowLoss(i, scores(i, at), w, gradient);
            }
            if (gradient != null) {
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] /= total;
                }
            }
            return loss / total;
        }

        private double rowLoss(int i, double[] z, double w, double @Nullable [] gradient) {
            double sum = 0;
            for (double value : z) {
                sum += Math.exp(value);
            }
            double loss = 0;
            double mass = 0;
            for (int c = 0; c < k; c++) {
                double t = target(i, c);
                mass += t;
                loss += t * (Math.log(sum) - z[c]);
            }
            for (int c = 0; gradient != null && c < k; c++) {
                double g = w * (mass * Math.exp(z[c]) / sum - target(i, c));
                for (int j = 0; j < p; j++) {
                    gradient[c * (p + 1) + j] += g * x[i][j] * (scales == null ? 1 : scales[i]);
                }
                gradient[c * (p + 1) + p] += g;
            }
            return loss;
        }

        private double target(int i, int c) {
            return soft == null ? (labels[i] == c ? 1 : 0) : soft[i * k + c];
        }

        MemorySegment segment(Arena arena, int extraFloats) {
            MemorySegment rows = arena.allocate(4L * n * p + 4L * extraFloats).asSlice(4L * extraFloats);
            for (int i = 0; i < n; i++) {
                MemorySegment.copy(x[i], 0, rows, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i * p, p);
            }
            return rows;
        }

        void prepare(SoftmaxRegressionKernel kernel) {
            if (soft == null) {
                kernel.target(labels);
            } else {
                kernel.target(soft);
            }
            kernel.rowWeights(weights);
            kernel.rowScales(scales);
        }
    }

    private static void requireEqual(Problem problem, SoftmaxRegressionKernel kernel) {
        problem.prepare(kernel);
        double[] expected = new double[problem.parameters.length];
        double[] gradient = new double[problem.parameters.length];
        double loss = kernel.lossAndGradient(problem.parameters, gradient);
        assertThat(loss).isCloseTo(problem.loss(problem.parameters, expected), within(2e-6));
        assertThat(gradient).usingComparatorWithPrecision(2e-6).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 2",
        "3, 5, 2",
        "17, 15, 3",
        "16, 16, 4",
        "65, 17, 5",
        "200, 31, 4",
        "333, 33, 16",
        "130, 64, 17",
        "1500, 7, 3",
        "2100, 40, 7",
        "70, 300, 4",
        "40, 100, 200",
        "33, 2100, 17"
    })
    void agreesWithTheFormulaInFloat64(int n, int p, int k) {
        Problem problem = new Problem(n, p, k, 31L * n + p);
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(problem.segment(arena, 0), n, p, k, 2)) {
            requireEqual(problem, kernel);
        }
    }

    @Test
    void scalarTwinAgrees() {
        Problem problem = new Problem(90, 37, 5, 2);
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(
                        problem.segment(arena, 0), null, 90, 37, 5, 1, new ScalarSoftmaxBlock())) {
            requireEqual(problem, kernel);
        }
    }

    @Test
    void softTargetsWeightsScalesAndUnalignedRows() {
        Random random = new Random(7);
        Problem problem = new Problem(700, 23, 6, 3);
        problem.randomSoft(random);
        problem.weights = problem.positive(random);
        problem.scales = problem.positive(random);
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(problem.segment(arena, 3), 700, 23, 6, 2)) {
            requireEqual(problem, kernel);
        }
        problem.soft = null;
        MemorySegment heap = MemorySegment.ofArray(new float[700 * 23]);
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(heap.copyFrom(problem.segment(arena, 0)), 700, 23, 6, 2)) {
            requireEqual(problem, kernel);
        }
    }

    @Test
    void indexPicksRows() {
        Problem all = new Problem(50, 20, 3, 4);
        int[] index = {49, 0, 7, 7, 31};
        Problem picked = new Problem(index.length, 20, 3, 5);
        for (int i = 0; i < index.length; i++) {
            picked.x[i] = all.x[index[i]];
        }
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(all.segment(arena, 0), index, 20, 3, 2)) {
            requireEqual(picked, kernel);
        }
    }

    @Test
    void gradientAgreesWithFiniteDifferences() {
        Problem problem = new Problem(120, 9, 3, 8);
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(problem.segment(arena, 0), 120, 9, 3, 1)) {
            problem.prepare(kernel);
            double[] gradient = new double[30];
            double[] ignored = new double[30];
            kernel.lossAndGradient(problem.parameters, gradient);
            for (int i = 0; i < 30; i++) {
                double[] moved = problem.parameters.clone();
                moved[i] += 0.01;
                double above = kernel.lossAndGradient(moved, ignored);
                moved[i] -= 0.02;
                double below = kernel.lossAndGradient(moved, ignored);
                assertThat(gradient[i]).isCloseTo((above - below) / 0.02, within(5e-5));
            }
        }
    }

    @Test
    void sameBitsForEveryNumberOfThreads() {
        Problem problem = new Problem(3000, 50, 4, 9);
        double[][] gradients = new double[4][problem.parameters.length];
        double[] losses = new double[4];
        try (Arena arena = Arena.ofShared()) {
            MemorySegment rows = problem.segment(arena, 0);
            for (int t = 0; t < 4; t++) {
                try (var kernel = new SoftmaxRegressionKernel(rows, 3000, 50, 4, t + 1)) {
                    problem.prepare(kernel);
                    kernel.lossAndGradient(problem.parameters, gradients[t]);
                    losses[t] = kernel.lossAndGradient(problem.parameters, gradients[t]);
                }
            }
        }
        for (int t = 1; t < 4; t++) {
            assertThat(gradients[t]).containsExactly(gradients[0]);
            assertThat(losses[t]).isEqualTo(losses[0]);
        }
    }

    @Test
    void logitsAndExtremeScores() {
        Problem problem = new Problem(37, 18, 3, 10);
        for (int i = 0; i < problem.parameters.length; i++) {
            problem.parameters[i] *= 100;
        }
        try (Arena arena = Arena.ofShared();
                var kernel = new SoftmaxRegressionKernel(problem.segment(arena, 0), 37, 18, 3, 2)) {
            problem.prepare(kernel);
            double[] gradient = new double[57];
            assertThat(kernel.lossAndGradient(problem.parameters, gradient))
                    .isCloseTo(problem.loss(problem.parameters, null), within(1e-3));
            float[] out = new float[37 * 3];
            kernel.logits(problem.parameters, MemorySegment.ofArray(out));
            for (int i = 0; i < 37; i++) {
                double[] z = problem.scores(i, problem.parameters);
                for (int c = 0; c < 3; c++) {
                    assertThat((double) out[i * 3 + c]).isCloseTo(z[c], within(1e-3));
                }
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        MemorySegment rows = MemorySegment.ofArray(new float[12]);
        assertThatThrownBy(() -> new SoftmaxRegressionKernel(rows, 5, 3, 2, 1))
                .hasMessageContaining("got n=5, width=3");
        assertThatThrownBy(() -> new SoftmaxRegressionKernel(rows, new int[] {4}, 3, 2, 1))
                .hasMessageContaining("got 4");
        assertThatThrownBy(() -> new SoftmaxRegressionKernel(rows, 4, 3, 1, 1)).hasMessageContaining("got 1");
        try (var kernel = new SoftmaxRegressionKernel(rows, 4, 3, 2, 1)) {
            assertThatThrownBy(() -> kernel.target(new int[] {0, 1, 2, 0})).hasMessageContaining("got 2");
            assertThatThrownBy(() -> kernel.target(new int[3])).hasMessageContaining("length 4; got 3");
            assertThatThrownBy(() -> kernel.lossAndGradient(new double[8], new double[8]))
                    .hasMessageContaining("targets");
        }
    }
}
