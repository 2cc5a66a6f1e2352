package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.Golden;
import dev.lapidary.torch.OpenScope;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(OpenScope.class)
class EagerBottleneckTest {
    private static final JsonNode SMALL = Golden.ROOT.get("small_dataset");
    private static final JsonNode GOLDEN = SMALL.get("trajectories");

    /** Scores 100·cos standardised by the training items, for chosen training rows. */
    static double[][] standardised(int[] rows) {
        double[][] items = units(Golden.matrix(SMALL.get("train_embeddings")));
        double[][] concepts = units(Golden.matrix(SMALL.get("concept_embeddings")));
        int n = items.length;
        int m = concepts.length;
        double[][] s = new double[n][m];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++) {
                for (int d = 0; d < items[i].length; d++) {
                    s[i][j] += 100 * items[i][d] * concepts[j][d];
                }
            }
        }
        for (int j = 0; j < m; j++) {
            int column = j;
            double mean = Arrays.stream(s).mapToDouble(r -> r[column]).average().orElseThrow();
            double squares = Arrays.stream(s)
                    .mapToDouble(r -> (r[column] - mean) * (r[column] - mean))
                    .sum();
            for (double[] row : s) {
                row[j] = (row[j] - mean) / Math.sqrt(squares / (n - 1));
            }
        }
        return Arrays.stream(rows).mapToObj(i -> s[i]).toArray(double[][]::new);
    }

    private static double[][] units(double[][] rows) {
        for (double[] row : rows) {
            double norm = Math.sqrt(Arrays.stream(row).map(v -> v * v).sum());
            for (int j = 0; j < row.length; j++) {
                row[j] /= norm;
            }
        }
        return rows;
    }

    private static Tensor labels(int[] rows) {
        int[] all = Golden.integers(SMALL.get("train_labels"));
        long[] chosen = Arrays.stream(rows).mapToLong(i -> all[i]).toArray();
        return Tensors.of(chosen, chosen.length);
    }

    private static EagerBottleneck.LayerLoss loss(String method) {
        return switch (method) {
            case "ce" -> EagerBottleneck::none;
            case "l1" -> (s, c, w) -> BottleneckLosses.l1(w, 1e-3);
            case "contrastive" -> (s, c, w) -> BottleneckLosses.contrastive(c);
            case "similarity" -> (s, c, w) -> BottleneckLosses.similarity(s, c, false);
            case "similarity_cubed" -> (s, c, w) -> BottleneckLosses.similarity(s, c, true);
            default -> throw new IllegalArgumentException(method);
        };
    }

    private static double norm(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }

    private static void check(EagerBottleneck model, JsonNode golden) {
        int[] rows = Golden.integers(GOLDEN.get("batch_rows_of_train"));
        Tensor x = Tensors.of(standardised(rows));
        Tensor y = labels(rows);
        for (JsonNode step : golden.get("ce_and_cbl_loss_before_each_step")) {
            EagerBottleneck.Losses losses = model.step(x, y);
            assertThat(losses.crossEntropy()).isEqualTo(step.get(0).asDouble(), within(1e-9));
            assertThat(losses.layerLoss()).isEqualTo(step.get(1).asDouble(), within(1e-9));
        }
        assertThat(norm(model.layer())).isEqualTo(golden.get("W_fro_after_6").asDouble(), within(1e-9));
        assertThat(norm(model.head())).isEqualTo(golden.get("H_fro_after_6").asDouble(), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce", "l1", "contrastive", "similarity", "similarity_cubed"})
    void sixStepsOfGradientDescent(String method) {
        try (var model = EagerBottleneck.sgd(
                Tensors.of(Golden.matrix(GOLDEN.get("W0"))),
                Tensors.of(Golden.matrix(GOLDEN.get("H0"))),
                loss(method),
                0.05,
                0.05)) {
            check(model, GOLDEN.get("methods").get(method));
        }
    }

    @Test
    void sixStepsOfTwoAdams() {
        JsonNode golden = GOLDEN.get("adam_contrastive");
        try (var model = EagerBottleneck.adam(
                Tensors.of(Golden.matrix(GOLDEN.get("W0"))),
                Tensors.of(Golden.matrix(GOLDEN.get("H0"))),
                loss("contrastive"),
                golden.get("cbl_lr").asDouble(),
                golden.get("head_lr").asDouble())) {
            check(model, golden);
        }
    }

    @Test
    void theHeadReallyTrains() {
        double[] before = Golden.flat(GOLDEN.get("H0"));
        int[] rows = Golden.integers(GOLDEN.get("batch_rows_of_train"));
        try (var model = EagerBottleneck.adam(
                Tensors.of(Golden.matrix(GOLDEN.get("W0"))),
                Tensors.of(Golden.matrix(GOLDEN.get("H0"))),
                loss("ce"),
                3e-4,
                3e-4)) {
            model.step(Tensors.of(standardised(rows)), labels(rows));
            double[] after = model.head();
            for (int i = 0; i < before.length; i++) {
                assertThat(Math.abs(after[i] - before[i])).isEqualTo(3e-4, within(1e-6)); // Adam's first step
            }
        }
    }

    @Test
    void theSubgradientOfL1MakesNoZeroAndTheProximalStepDoes() {
        JsonNode golden = SMALL.get("l1_subgradient_vs_proximal_300_steps_lam_0.002");
        JsonNode counts = golden == null ? GOLDEN.get("l1_subgradient_vs_proximal_300_steps_lam_0.002") : golden;
        int[] all = java.util.stream.IntStream.range(0, 120).toArray();
        Tensor x = Tensors.of(standardised(all));
        Tensor y = labels(all);
        Tensor w0 = Tensors.of(Golden.matrix(GOLDEN.get("W0")));
        Tensor h0 = Tensors.of(Golden.matrix(GOLDEN.get("H0")));
        double lambda = 0.002;
        double rate = 0.05;
        try (var plain = EagerBottleneck.sgd(
                        w0, h0, (s, c, w) -> w.abs().sum().mul(new org.bytedeco.pytorch.Scalar(lambda)), rate, rate);
                var proximal = EagerBottleneck.sgd(w0, h0, EagerBottleneck::none, rate, rate)) {
            for (int step = 0; step < 300; step++) {
                plain.step(x, y);
                proximal.step(x, y);
                proximal.shrinkLayer(rate * lambda);
            }
            assertThat(zeros(plain.layer()))
                    .isEqualTo(counts.get("subgradient").get("exact_zeros").asInt());
            assertThat(zeros(proximal.layer()))
                    .isEqualTo(counts.get("proximal").get("exact_zeros").asInt());
        }
    }

    private static long zeros(double[] weights) {
        return Arrays.stream(weights).filter(w -> w == 0).count();
    }
}
