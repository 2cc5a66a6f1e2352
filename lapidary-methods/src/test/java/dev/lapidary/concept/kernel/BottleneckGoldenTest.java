package dev.lapidary.concept.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.kernel.Golden;
import dev.lapidary.runtime.kernel.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses and steps against numbers calculated in float64: the scalar form to 1e-9, the vector form to 1e-4. */
class BottleneckGoldenTest {
    private static final Golden GOLDEN = Golden.read(BottleneckGoldenTest.class, "bottleneck-golden.json");
    private static final double EXACT = 1e-9;
    private static final double FLOAT = 1e-4;

    /** A loss with its gradient in c. */
    private record Result(double loss, double[][] gradient) {
        void requireClose(double expected, double[][] expectedGradient, double tolerance) {
            assertThat(loss).isCloseTo(expected, within(tolerance));
            for (int b = 0; b < gradient.length; b++) {
                assertThat(gradient[b]).usingComparatorWithPrecision(tolerance).containsExactly(expectedGradient[b]);
            }
        }
    }

    private static Result scalar(BottleneckLoss loss, double[][] s, double[][] c, double[][][] noise) {
        double[][] gradient = new double[c.length][c[0].length];
        return new Result(ScalarLosses.layer(loss, s, c, noise, new double[0], gradient, new double[0]), gradient);
    }

    private static Result vector(BottleneckLoss loss, double[][] s, double[][] c, double @Nullable [][][] noise) {
        int rows = c.length;
        int concepts = c[0].length;
        WeightUpdate rule = new WeightUpdate.Sgd(0);
        try (BottleneckMemory memory =
                new BottleneckMemory(new BottleneckSettings(rows, concepts, 2, false, loss, rule, rule, 0))) {
            LayerLoss kernel = LayerLoss.of(memory, 1);
            MemorySegment given = noise == null ? null : segment(noise[0], noise[1]);
            memory.take(segment(s), new int[rows], given, 0);
            for (int b = 0; b < rows; b++) {
                for (int m = 0; m < concepts; m++) {
                    RawMemory.set(at(memory, memory.c, b, m), (float) c[b][m]);
                }
            }
            for (int panel = 0; panel < memory.panels; panel++) {
                kernel.before(memory, panel);
            }
            kernel.join(memory, 0);
            for (int panel = 0; panel < memory.panels; panel++) {
                kernel.after(memory, panel, 0);
            }
            double[][] gradient = new double[rows][concepts];
            for (int b = 0; b < rows; b++) {
                for (int m = 0; m < concepts; m++) {
                    gradient[b][m] = RawMemory.get(at(memory, memory.gradient, b, m));
                }
            }
            return new Result(kernel.value(memory), gradient);
        }
    }

    private static long at(BottleneckMemory memory, long base, int b, int m) {
        return memory.activation(base, m / 32) + 128L * b + 4L * (m % 32);
    }

    private static MemorySegment segment(double[][]... parts) {
        int floats = parts.length * parts[0].length * parts[0][0].length;
        MemorySegment out = MemorySegment.ofArray(new float[floats]);
        int i = 0;
        for (double[][] part : parts) {
            for (double[] row : part) {
                for (double each : row) {
                    out.setAtIndex(ValueLayout.JAVA_FLOAT, i++, (float) each);
                }
            }
        }
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"square", "wide_B3_M5", "tall_B5_M3"})
    void contrastive(String shape) {
        double[][] c = GOLDEN.matrix("contrastive/" + shape + "/logits");
        double loss = GOLDEN.number("contrastive/" + shape + "/loss");
        double[][] gradient = GOLDEN.matrix("contrastive/" + shape + "/grad");
        scalar(new BottleneckLoss.Contrastive(), c, c, new double[2][][]).requireClose(loss, gradient, EXACT);
        vector(new BottleneckLoss.Contrastive(), c, c, null).requireClose(loss, gradient, FLOAT);
    }

    @Test
    void contrastiveIdentities() {
        double[] losses = GOLDEN.numbers("contrastive/identities/scaled_identity/loss");
        double[] scales = GOLDEN.numbers("contrastive/identities/scaled_identity/s");
        for (int i = 0; i < scales.length; i++) {
            double[][] c = new double[4][4];
            for (int d = 0; d < 4; d++) {
                c[d][d] = scales[i];
            }
            assertThat(scalar(new BottleneckLoss.Contrastive(), c, c, new double[2][][])
                            .loss())
                    .isCloseTo(losses[i], within(EXACT));
            assertThat(vector(new BottleneckLoss.Contrastive(), c, c, null).loss())
                    .isCloseTo(losses[i], within(FLOAT));
        }
        double[][] constant = new double[32][370];
        assertThat(vector(new BottleneckLoss.Contrastive(), constant, constant, null)
                        .loss())
                .isCloseTo(4.689619454219, within(FLOAT));
        double[][] c = GOLDEN.matrix("contrastive/square/logits");
        double[][] permuted = new double[4][];
        for (int b = 0; b < 4; b++) {
            permuted[b] = new double[] {c[b][1], c[b][0], c[b][2], c[b][3]};
        }
        assertThat(vector(new BottleneckLoss.Contrastive(), c, permuted, null).loss())
                .isNotCloseTo(GOLDEN.number("contrastive/square/loss"), within(0.1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.5", "1.0", "2.0"})
    void gumbel(String temperature) {
        BottleneckLoss loss = new BottleneckLoss.Gumbel(Double.parseDouble(temperature));
        double[][] c = GOLDEN.matrix("gumbel/logits");
        double[][][] noise = new double[2][3][4];
        for (int axis = 0; axis < 2; axis++) {
            double[][] u = GOLDEN.matrix("gumbel/U_dim" + axis);
            for (int b = 0; b < 3; b++) {
                for (int m = 0; m < 4; m++) {
                    noise[axis][b][m] = -Math.log(-Math.log(u[b][m]));
                }
            }
        }
        double expected = GOLDEN.number("gumbel/tau/" + temperature + "/loss");
        double[][] gradient = GOLDEN.matrix("gumbel/tau/" + temperature + "/grad");
        scalar(loss, c, c, noise).requireClose(expected, gradient, EXACT);
        vector(loss, c, c, noise).requireClose(expected, gradient, FLOAT);
    }

    @ParameterizedTest
    @CsvSource({"plain, false", "cubed, true"})
    void similarity(String form, boolean cubed) {
        BottleneckLoss loss = new BottleneckLoss.Similarity(cubed);
        double[][] s = GOLDEN.matrix("similarity/S");
        double[][] c = GOLDEN.matrix("similarity/c");
        double expected = GOLDEN.number("similarity/" + form + "/loss");
        double[][] gradient = GOLDEN.matrix("similarity/" + form + "/grad_c");
        scalar(loss, s, c, new double[2][][]).requireClose(expected, gradient, EXACT);
        vector(loss, s, c, null).requireClose(expected, gradient, FLOAT);
        assertThat(vector(loss, s, s, null).loss()).isCloseTo(-1, within(FLOAT));
        double[][] moved = new double[c.length][];
        for (int b = 0; b < c.length; b++) {
            moved[b] = new double[] {3 * c[b][0] + 7, 0.1 * c[b][1] - 2, c[b][2]};
        }
        assertThat(vector(loss, s, moved, null).loss()).isCloseTo(expected, within(FLOAT));
    }

    @Test
    void constantColumnHasCosineZero() {
        double[][] s = {{1, 5.1}, {2, 5.1}, {4, 5.1}};
        double[][] c = {{1.3, 2}, {1.3, 3}, {1.3, -1}};
        for (boolean cubed : new boolean[] {false, true}) {
            double[][] zero = new double[3][2];
            scalar(new BottleneckLoss.Similarity(cubed), s, c, new double[2][][])
                    .requireClose(0, zero, EXACT);
            vector(new BottleneckLoss.Similarity(cubed), s, c, null).requireClose(0, zero, EXACT);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void forwardAndGradientsOfCrossEntropy(boolean scalar) {
        double[][] w = GOLDEN.matrix("forward_ce/W_cbl");
        double[][] h = GOLDEN.matrix("forward_ce/W_head");
        WeightUpdate whole = new WeightUpdate.Sgd(1);
        var settings = new BottleneckSettings(3, 4, 3, false, new BottleneckLoss.None(), whole, whole, 0);
        BottleneckState start = BottleneckState.fresh(Golden.flat(w), Golden.flat(h), 3);
        double tolerance = scalar ? EXACT : FLOAT;
        double[][] s = GOLDEN.matrix("forward_ce/S");
        try (BottleneckStep step =
                scalar ? new ScalarBottleneckStep(settings, start) : new VectorBottleneckStep(settings, start, 2)) {
            MemorySegment c = MemorySegment.ofArray(new float[12]);
            MemorySegment z = MemorySegment.ofArray(new float[9]);
            step.forward(segment(s), 3, c, z);
            requireFloats(c, GOLDEN.matrix("forward_ce/c"));
            requireFloats(z, GOLDEN.matrix("forward_ce/z"));
            BottleneckStep.Losses losses = step instanceof ScalarBottleneckStep twin
                    ? twin.step(s, GOLDEN.integers("forward_ce/labels"), new double[2][][])
                    : step.step(segment(s), GOLDEN.integers("forward_ce/labels"));
            assertThat(losses.crossEntropy()).isCloseTo(GOLDEN.number("forward_ce/cross_entropy"), within(tolerance));
            requireMoved(
                    Golden.flat(w), step.state().layer().weights(), GOLDEN.matrix("forward_ce/dCE_dW_cbl"), tolerance);
            requireMoved(
                    Golden.flat(h), step.state().head().weights(), GOLDEN.matrix("forward_ce/dCE_dW_head"), tolerance);
        }
    }

    private static void requireFloats(MemorySegment got, double[][] expected) {
        double[] flat = Golden.flat(expected);
        for (int i = 0; i < flat.length; i++) {
            assertThat((double) got.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isCloseTo(flat[i], within(FLOAT));
        }
    }

    private static void requireMoved(double[] from, double[] to, double[][] gradient, double tolerance) {
        double[] flat = Golden.flat(gradient);
        for (int i = 0; i < flat.length; i++) {
            assertThat(from[i] - to[i]).isCloseTo(flat[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void l1(boolean scalar) {
        double[][] w = GOLDEN.matrix("l1/W_cbl");
        var settings = new BottleneckSettings(
                1, 4, 2, false, new BottleneckLoss.L1(0.001), new WeightUpdate.Sgd(1), new WeightUpdate.Sgd(0), 0);
        BottleneckState start = BottleneckState.fresh(Golden.flat(w), new double[8], 2);
        try (BottleneckStep step =
                scalar ? new ScalarBottleneckStep(settings, start) : new VectorBottleneckStep(settings, start, 1)) {
            MemorySegment nothing = MemorySegment.ofArray(new float[4]); // leaves the penalty's gradient alone
            BottleneckStep.Losses losses = step.step(nothing, new int[1]);
            assertThat(losses.layer()).isCloseTo(GOLDEN.number("l1/loss_over_M"), within(scalar ? EXACT : 1e-7));
            requireMoved(
                    Golden.flat(w),
                    step.state().layer().weights(),
                    GOLDEN.matrix("l1/grad_of_loss_over_M"),
                    scalar ? EXACT : 1e-6);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "methods/ce, none",
        "methods/l1, l1",
        "methods/contrastive, contrastive",
        "methods/similarity, plain",
        "methods/similarity_cubed, cubed",
        "adam_contrastive, contrastive"
    })
    void trajectories(String name, String kind) {
        String path = "small_dataset/trajectories/" + name;
        BottleneckLoss loss = switch (kind) {
            case "l1" -> new BottleneckLoss.L1(1e-3);
            case "contrastive" -> new BottleneckLoss.Contrastive();
            case "plain" -> new BottleneckLoss.Similarity(false);
            case "cubed" -> new BottleneckLoss.Similarity(true);
            default -> new BottleneckLoss.None();
        };
        boolean adam = name.startsWith("adam");
        var settings = new BottleneckSettings(
                24,
                24,
                6,
                false,
                loss,
                adam ? new WeightUpdate.Adam(1e-3) : new WeightUpdate.Sgd(0.05),
                adam ? new WeightUpdate.Adam(3e-4) : new WeightUpdate.Sgd(0.05),
                0);
        BottleneckState start = BottleneckState.fresh(
                Golden.flat(GOLDEN.matrix("small_dataset/trajectories/W0")),
                Golden.flat(GOLDEN.matrix("small_dataset/trajectories/H0")),
                6);
        follow(new ScalarBottleneckStep(settings, start), path, EXACT);
        follow(new VectorBottleneckStep(settings, start, 1), path, FLOAT);
    }

    private static void follow(BottleneckStep step, String path, double tolerance) {
        int[] batch = GOLDEN.integers("small_dataset/trajectories/batch_rows_of_train");
        int[] allLabels = GOLDEN.integers("small_dataset/train_labels");
        double[][] all = standardisedScores();
        double[][] s = new double[batch.length][];
        int[] labels = new int[batch.length];
        for (int b = 0; b < batch.length; b++) {
            s[b] = all[batch[b]];
            labels[b] = allLabels[batch[b]];
        }
        try (step) {
            for (double[] expected : GOLDEN.matrix(path + "/ce_and_cbl_loss_before_each_step")) {
                BottleneckStep.Losses losses = step instanceof ScalarBottleneckStep twin
                        ? twin.step(s, labels, new double[2][][])
                        : step.step(segment(s), labels);
                assertThat(losses.crossEntropy()).isCloseTo(expected[0], within(tolerance));
                assertThat(losses.layer()).isCloseTo(expected[1], within(tolerance));
            }
            BottleneckState end = step.state();
            assertThat(norm(end.layer().weights()))
                    .isCloseTo(GOLDEN.number(path + "/W_fro_after_6"), within(tolerance));
            assertThat(norm(end.head().weights())).isCloseTo(GOLDEN.number(path + "/H_fro_after_6"), within(tolerance));
        }
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double each : values) {
            sum += each * each;
        }
        return Math.sqrt(sum);
    }

    /** S = 100 cos, standardised by the train set's mean and unbiased deviation. */
    private static double[][] standardisedScores() {
        double[][] items = GOLDEN.matrix("small_dataset/train_embeddings");
        double[][] concepts = GOLDEN.matrix("small_dataset/concept_embeddings");
        double[][] s = new double[items.length][concepts.length];
        for (int m = 0; m < concepts.length; m++) {
            double mean = 0;
            for (int i = 0; i < items.length; i++) {
                double dot = 0;
                for (int d = 0; d < concepts[m].length; d++) {
                    dot += items[i][d] * concepts[m][d];
                }
                s[i][m] = 100 * dot / norm(items[i]) / norm(concepts[m]); // stored rounded, so not quite of length 1
                mean += s[i][m] / items.length;
            }
            double squares = 0;
            for (double[] row : s) {
                squares += (row[m] - mean) * (row[m] - mean);
            }
            for (double[] row : s) {
                row[m] = (row[m] - mean) / Math.sqrt(squares / (items.length - 1));
            }
        }
        return s;
    }
}
