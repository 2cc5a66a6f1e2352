package dev.lapidary.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.TrainingResult.Stopped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop over PyTorch tensors: a small network with autograd, Adam and PyTorch's own dropout. */
class TorchTrainingTest {
    private static final int STEPS = 12;
    private static final long SEED = 2;

    @TempDir
    private Path temporary;

    private TorchScope scope = TorchScope.open();

    @BeforeEach
    void openScope() {
        scope.close();
        scope = TorchScope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    /** Two layers that learn whether one feature is greater than another. */
    private static final class Network implements Trainable {
        private static final int ITEMS = 256;
        private static final int WIDTH = 8;
        private static final int HIDDEN = 16;
        private static final double RATE = 0.02;

        private final EpochOrder order = new EpochOrder(SEED, ITEMS, 48);
        private final Tensor points; // [ITEMS, WIDTH]
        private final Tensor labels; // [ITEMS, 1], 0 or 1
        private final Map<String, Tensor> weights;
        private final Map<String, Tensor> first;
        private final Map<String, Tensor> second;

        Network() {
            Torch.seed(SEED);
            points = torch.randn(ITEMS, WIDTH);
            float[] values = Tensors.toFloats(points);
            float[] greater = new float[ITEMS];
            for (int i = 0; i < ITEMS; i++) {
                greater[i] = values[i * WIDTH] > values[i * WIDTH + 1] ? 1 : 0;
            }
            labels = Tensors.of(greater, ITEMS, 1);
            weights = Map.of(
                    "in", torch.randn(WIDTH, HIDDEN).set_requires_grad(true),
                    "out", torch.randn(HIDDEN, 1).set_requires_grad(true));
            first = Map.of("in", torch.zeros(WIDTH, HIDDEN), "out", torch.zeros(HIDDEN, 1));
            second = Map.of("in", torch.zeros(WIDTH, HIDDEN), "out", torch.zeros(HIDDEN, 1));
        }

        @Override
        public double step(long step) {
            try (var inner = TorchScope.open()) {
                Torch.seed(SEED * 1000 + step);
                Tensor items = Tensors.of(
                        Arrays.stream(order.batch(step)).asLongStream().toArray());
                Tensor loss =
                        loss(torch.dropout(points.index_select(0, items), 0.1, true), labels.index_select(0, items));
                loss.backward();
                weights.keySet().stream().sorted().forEach(name -> adam(name, step + 1));
                return loss.item_double();
            }
        }

        private Tensor loss(Tensor input, Tensor target) {
            Tensor hidden = torch.tanh(input.matmul(weight("in")));
            return torch.binary_cross_entropy_with_logits(hidden.matmul(weight("out")), target);
        }

        private void adam(String name, long updates) {
            Tensor gradient = weight(name).grad();
            Tensor mean = of(first, name).mul_(new Scalar(0.9)).add_(gradient, new Scalar(0.1));
            Tensor square = of(second, name).mul_(new Scalar(0.999)).addcmul_(gradient, gradient, new Scalar(0.001));
            double correction = Math.sqrt(1 - Math.pow(0.999, updates)) / (1 - Math.pow(0.9, updates));
            weight(name).detach().addcdiv_(mean, square.sqrt().add_(new Scalar(1e-8)), new Scalar(-RATE * correction));
            gradient.zero_();
        }

        private Tensor weight(String name) {
            return of(weights, name);
        }

        private static Tensor of(Map<String, Tensor> tensors, String name) {
            return Objects.requireNonNull(tensors.get(name));
        }

        @Override
        public Map<String, Double> validate(long step) {
            try (var inner = TorchScope.open()) {
                return Map.of("loss", loss(points, labels).item_double());
            }
        }

        /** Views over the tensors' own memory: nothing is copied. */
        @Override
        public List<TensorView> state() {
            List<TensorView> state = new ArrayList<>();
            for (String name : List.of("in", "out")) {
                state.add(view(name, weight(name)));
                state.add(view(name + ".first", of(first, name)));
                state.add(view(name + ".second", of(second, name)));
            }
            return state;
        }

        private static TensorView view(String name, Tensor tensor) {
            List<Long> shape = Arrays.stream(Tensors.shape(tensor)).boxed().toList();
            return new TensorView(name, DType.F32, shape, Tensors.segment(tensor));
        }

        @Override
        public void restore(SavedState saved) {
            state().forEach(tensor -> saved.copy(tensor.name(), tensor.data()));
        }
    }

    private static TrainingPlan plan(Path folder) {
        return TrainingPlan.of(STEPS, SEED)
                .validatingEvery(4)
                .stopping(EarlyStopping.lowest("loss", 100))
                .saving(Checkpointing.in(folder, 5))
                .metrics(folder.resolve("metrics.jsonl"), 2);
    }

    private static TrainingResult run(Trainable trainable, TrainingPlan plan, Cancellation cancellation) {
        return TrainingLoop.run(trainable, plan, Progress.silent(), cancellation);
    }

    @Test
    void cancelledAfterAnyStepItResumesToTheSameBytes() throws IOException {
        Path whole = temporary.resolve("whole");
        run(new Network(), plan(whole), Cancellation.none());
        for (int stop = 1; stop < STEPS; stop++) {
            Path folder = temporary.resolve("cancelled-" + stop);
            Cancellation cancellation = new Cancellation();
            int last = stop;
            Trainable steered = new Steered(new Network(), step -> {
                if (step == last) {
                    cancellation.cancel();
                }
            });
            assertThat(run(steered, plan(folder), cancellation).stopped()).isEqualTo(Stopped.CANCELLED);
            run(new Network(), plan(folder), Cancellation.none());
            assertThat(TrainingResumeTest.contents(folder)).isEqualTo(TrainingResumeTest.contents(whole));
        }
    }

    @Test
    void itLearnsAndEndsWithItsBestState() {
        Network network = new Network();
        TrainingPlan plan = TrainingPlan.of(200, SEED).validatingEvery(10).stopping(EarlyStopping.lowest("loss", 100));
        TrainingResult result = run(network, plan, Cancellation.none());
        assertThat(result.bestMetric().orElseThrow()).isLessThan(0.35);
        // from memory, bit by bit
        assertThat(network.validate(0))
                .containsEntry("loss", result.bestMetric().orElseThrow());
    }
}
