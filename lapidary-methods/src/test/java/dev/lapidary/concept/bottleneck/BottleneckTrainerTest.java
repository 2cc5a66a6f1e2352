package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.Golden;
import dev.lapidary.concept.kernel.BottleneckLoss;
import dev.lapidary.concept.kernel.BottleneckSettings;
import dev.lapidary.concept.kernel.BottleneckState;
import dev.lapidary.concept.kernel.BottleneckStep;
import dev.lapidary.concept.kernel.WeightUpdate;
import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.TrainingLoop;
import dev.lapidary.train.TrainingPlan;
import dev.lapidary.train.TrainingResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class BottleneckTrainerTest {
    private static final JsonNode GOLDEN = GoldenRows.SMALL.get("trajectories");
    private static final int M = GoldenRows.CONCEPTS;
    private static final int K = GoldenRows.CLASSES;
    private static GoldenRows rows;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        rows = new GoldenRows();
    }

    @AfterAll
    static void close() {
        rows.close();
    }

    // through the loop

    private static BottleneckTrainer trainer(BottleneckLoss loss, Arena arena) {
        var settings = BottleneckTrainer.settings(loss, true, 1e-3, rows.train, 9);
        var start = BottleneckState.fresh(Golden.flat(GOLDEN.get("W0")), Golden.flat(GOLDEN.get("H0")), K);
        return new BottleneckTrainer(settings, start, new JointTraining.Batches(rows.train, 9, true, arena));
    }

    private static void assertSameBytes(List<TensorView> a, List<TensorView> b) {
        assertThat(a).hasSameSizeAs(b);
        for (int t = 0; t < a.size(); t++) {
            assertThat(a.get(t).name()).isEqualTo(b.get(t).name());
            assertThat(a.get(t).data().mismatch(b.get(t).data()))
                    .as(a.get(t).name())
                    .isEqualTo(-1);
        }
    }

    static List<BottleneckLoss> losses() {
        return List.of(
                new BottleneckLoss.Gumbel(1),
                new BottleneckLoss.L1(1e-3 * M),
                new BottleneckLoss.Contrastive(),
                new BottleneckLoss.Similarity(true));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aResumedTrainingHasTheBytesOfOneThatRanThrough(BottleneckLoss loss) {
        TrainingPlan plan = TrainingPlan.of(14, 9);
        try (Arena arena = Arena.ofShared();
                BottleneckTrainer through = trainer(loss, arena);
                BottleneckTrainer first = trainer(loss, arena);
                BottleneckTrainer second = trainer(loss, arena)) {
            TrainingLoop.run(through, plan, Progress.silent(), new Cancellation());
            TrainingPlan saving = plan.saving(Checkpointing.in(folder.resolve("run"), 3));
            Cancellation cancellation = new Cancellation();
            TrainingResult stopped = TrainingLoop.run(first, saving, new StopsAfter(5, cancellation), cancellation);
            assertThat(stopped.steps()).isEqualTo(5);
            TrainingResult done = TrainingLoop.run(second, saving, Progress.silent(), new Cancellation());
            assertThat(done.steps()).isEqualTo(14);
            assertSameBytes(second.state(), through.state());
            assertThat(second.product().weights())
                    .isDeepEqualTo(through.product().weights());
        }
    }

    @Test
    void theProductIsHeadTimesLayer() {
        try (Arena arena = Arena.ofShared();
                BottleneckTrainer trainer = trainer(new BottleneckLoss.Gumbel(1), arena)) {
            double[] layer = Golden.flat(GOLDEN.get("W0"));
            double[] head = Golden.flat(GOLDEN.get("H0"));
            double[][] product = trainer.product().weights();
            for (int k = 0; k < K; k++) {
                for (int m = 0; m < M; m++) {
                    double sum = 0;
                    for (int j = 0; j < M; j++) {
                        sum += head[k * M + j] * layer[j * M + m];
                    }
                    assertThat(product[k][m]).isEqualTo(sum, within(1e-6));
                }
            }
        }
    }

    // fused against eager

    private static BottleneckLoss fused(String loss) {
        return switch (loss) {
            case "ce" -> new BottleneckLoss.None();
            case "l1" -> new BottleneckLoss.L1(1e-3);
            case "contrastive" -> new BottleneckLoss.Contrastive();
            case "similarity" -> new BottleneckLoss.Similarity(false);
            case "similarity_cubed" -> new BottleneckLoss.Similarity(true);
            case "gumbel" -> new BottleneckLoss.Gumbel(1);
            default -> throw new IllegalArgumentException(loss);
        };
    }

    private static EagerBottleneck.LayerLoss eager(String loss, List<float[]> noise) {
        int[] step = new int[1];
        return switch (loss) {
            case "ce" -> EagerBottleneck::none;
            case "l1" -> (s, c, w) -> BottleneckLosses.l1(w, 1e-3);
            case "contrastive" -> (s, c, w) -> BottleneckLosses.contrastive(c);
            case "similarity" -> (s, c, w) -> BottleneckLosses.similarity(s, c, false);
            case "similarity_cubed" -> (s, c, w) -> BottleneckLosses.similarity(s, c, true);
            case "gumbel" ->
                (s, c, w) -> {
                    float[] both = noise.get(step[0]++);
                    int half = both.length / 2;
                    Tensor items = Tensors.of(Arrays.copyOf(both, half), half / M, M);
                    Tensor concepts = Tensors.of(Arrays.copyOfRange(both, half, 2 * half), half / M, M);
                    return BottleneckLosses.gumbel(c, items, concepts, 1);
                };
            default -> throw new IllegalArgumentException(loss);
        };
    }

    private static float[] floats(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({
        "ce,false", "l1,false", "contrastive,false", "similarity,false", "similarity_cubed,false", "gumbel,false",
        "ce,true", "l1,true", "contrastive,true", "similarity,true", "similarity_cubed,true", "gumbel,true"
    })
    void sixFusedStepsAreThoseOfEagerPyTorch(String loss, boolean adam) {
        int[] chosen = Golden.integers(GOLDEN.get("batch_rows_of_train"));
        int[] all = Golden.integers(GoldenRows.SMALL.get("train_labels"));
        int[] labels = Arrays.stream(chosen).map(i -> all[i]).toArray();
        int b = chosen.length;
        double rate = adam ? 3e-3 : 0.05;
        WeightUpdate rule = adam ? new WeightUpdate.Adam(rate) : new WeightUpdate.Sgd(rate);
        double[] w0 = Golden.flat(GOLDEN.get("W0"));
        double[] h0 = Golden.flat(GOLDEN.get("H0"));
        List<float[]> noise = new ArrayList<>();
        CounterNoise source = new CounterNoise(4, 4);
        for (int step = 0; step < 6; step++) {
            float[] both = new float[2 * b * M];
            for (int i = 0; i < both.length; i++) {
                both[i] = source.gumbelAt(step, i);
            }
            noise.add(both);
        }
        var settings = new BottleneckSettings(b, M, K, false, fused(loss), rule, rule, 1);
        try (TorchScope scope = TorchScope.open();
                Arena arena = Arena.ofShared();
                BottleneckStep quick = BottleneckStep.create(settings, BottleneckState.fresh(w0, h0, K), 2)) {
            MemorySegment scores = arena.allocate(4L * b * M, 64);
            rows.train.gather(chosen, scores);
            Tensor x = Tensors.wrap(scores, b, M);
            Tensor y = Tensors.of(Arrays.stream(labels).asLongStream().toArray(), b);
            Tensor layer = Tensors.of(floats(w0), M, M);
            Tensor head = Tensors.of(floats(h0), K, M);
            try (EagerBottleneck slow = adam
                    ? EagerBottleneck.adam(layer, head, eager(loss, noise), rate, rate)
                    : EagerBottleneck.sgd(layer, head, eager(loss, noise), rate, rate)) {
                MemorySegment given = arena.allocate(8L * b * M, 64);
                for (int step = 0; step < 6; step++) {
                    MemorySegment.copy(noise.get(step), 0, given, ValueLayout.JAVA_FLOAT, 0, 2 * b * M);
                    var expected = slow.step(x, y);
                    var got = quick.step(scores, labels, loss.equals("gumbel") ? given : null);
                    assertThat(got.crossEntropy()).isEqualTo(expected.crossEntropy(), within(1e-4));
                    assertThat(got.layer()).isEqualTo(expected.layerLoss(), within(1e-4));
                    if (!adam && GOLDEN.get("methods").has(loss)) {
                        JsonNode golden = GOLDEN.get("methods").get(loss).get("ce_and_cbl_loss_before_each_step");
                        assertThat(got.crossEntropy())
                                .isEqualTo(golden.get(step).get(0).asDouble(), within(1e-4));
                        assertThat(got.layer())
                                .isEqualTo(golden.get(step).get(1).asDouble(), within(1e-4));
                    }
                }
                assertClose(quick.state().layer().weights(), slow.layer());
                assertClose(quick.state().head().weights(), slow.head());
            }
        }
    }

    private static void assertClose(double[] got, double[] expected) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i]).as("weight " + i).isEqualTo(expected[i], within(1e-4));
        }
    }
}
