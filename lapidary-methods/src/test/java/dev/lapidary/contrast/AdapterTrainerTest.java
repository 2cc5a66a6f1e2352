package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.adapt.BottleneckObjective;
import dev.lapidary.concept.adapt.BottleneckObjective.Loss;
import dev.lapidary.contrast.AdapterSettings.Where;
import dev.lapidary.contrast.AdapterTrainer.Task;
import dev.lapidary.contrast.ImageTraining.Parts;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.TrainingPlan;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Adapters of a small network with random weights, on squares in two places, which that network was not trained to tell apart. */
class AdapterTrainerTest {
    private static final NetworkShape SHAPE = new NetworkShape(16, 8, 1, 6);
    private static final AdapterSettings SETTINGS = AdapterSettings.defaults()
            .withRank(2)
            .withAlpha(4)
            .withTraining(AdapterSettings.defaults()
                    .training()
                    .withEpochs(8)
                    .withBatch(32)
                    .withLearningRate(2e-2)
                    .withSeed(3)
                    .withProducts(Products.F32));
    private static final int IMAGES = 96;

    @TempDir
    static Path images;

    @TempDir
    Path folder;

    @BeforeAll
    static void draw() throws IOException {
        Torch.load();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < IMAGES; i++) {
            BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            boolean horizontal = i % 2 == 0;
            int at = 3 + random.nextInt(9);
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 16; x++) {
                    boolean bar = Math.abs((horizontal ? y : x) - at) < 2;
                    image.setRGB(x, y, bar ? 0xe0e0e0 : random.nextInt(0x40) * 0x010101);
                }
            }
            Path own = Files.createDirectories(images.resolve(horizontal ? "across" : "down"));
            ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
        }
    }

    /** A network whose last layers of branches are not 0, as those of fresh ones are. */
    private static FoldedWeights weights() {
        SplittableRandom random = new SplittableRandom(2);
        Map<String, float[]> kernels = new HashMap<>();
        Map<String, float[]> biases = new HashMap<>();
        ImageNetwork.convolutions(SHAPE).forEach((name, layer) -> {
            int inputs = layer.in() * layer.kernel() * layer.kernel();
            kernels.put(name, normal(random, layer.out() * inputs, Math.sqrt(2.0 / inputs)));
            biases.put(name, normal(random, layer.out(), 0.1));
        });
        return new FoldedWeights(kernels, biases, normal(random, SHAPE.features() * SHAPE.embedding(), 0.2));
    }

    private static float[] normal(SplittableRandom random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private static Tensor pixels() {
        return Tensors.of(normal(new SplittableRandom(5), 2 * 3 * 16 * 16, 1), 2, 3, 16, 16);
    }

    private static float[] embed(AdaptedNetwork network) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            return Tensors.toFloats(network.embed(SHAPE, pixels()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void beforeTheFirstStepTheNetworkIsAsItWas(Where where) {
        LowRankAdapters adapters = new LowRankAdapters(where, 2, 2);
        try (var scope = TorchScope.open();
                var frozen = new AdaptedNetwork.Frozen(SHAPE, weights())) {
            Map<String, Tensor> fresh = adapters.fresh(SHAPE, new FreshParameters(1));
            float[] before = embed(new AdaptedNetwork(frozen, adapters, Map.of(), Products.F32));

            assertThat(embed(new AdaptedNetwork(frozen, adapters, fresh, Products.F32)))
                    .isEqualTo(before);
            assertThat(fresh).hasSize(where == Where.ALL ? 2 * 7 : 2);
            assertThat(LowRankAdapters.size(fresh)).isEqualTo(where == Where.ALL ? all() : 2 * (6 + 16));
            fresh.values().forEach(Tensor::close);
        }
    }

    /** Numbers of rank 2 for the stem, two blocks, of which one has a shortcut, and the projection. */
    private static long all() {
        return 2 * ((8 + 27) + 2 * (8 + 72) + (16 + 72) + (16 + 144) + (16 + 8) + (6 + 16));
    }

    @Test
    void whatIsWrittenIsTheNetworkWithItsAdaptersAndOfNoHigherRank() throws IOException {
        LowRankAdapters adapters = new LowRankAdapters(Where.ALL, 2, 0.5);
        FoldedWeights before = weights();
        try (var scope = TorchScope.open();
                var frozen = new AdaptedNetwork.Frozen(SHAPE, before)) {
            Map<String, Tensor> some = adapters.fresh(SHAPE, new FreshParameters(1));
            SplittableRandom random = new SplittableRandom(7);
            some.values()
                    .forEach(t -> t.copy_(
                            Tensors.of(normal(random, (int) t.numel(), 0.3)).view_as(t)));
            AdaptedNetwork network = new AdaptedNetwork(frozen, adapters, some, Products.F32);
            float[] expected = embed(network);
            FoldedWeights merged = network.merged(SHAPE, before);
            Path file = folder.resolve("vision_model.onnx");
            OnnxNetwork.graph(SHAPE, merged).write(file);
            FoldedNetworkFile read = FoldedNetworkFile.read(file, 16);

            assertThat(read.shape()).isEqualTo(SHAPE);
            assertThat(read.weights().kernels())
                    .allSatisfy((name, kernel) ->
                            assertThat(kernel).isEqualTo(merged.kernel(name)).isNotEqualTo(before.kernel(name)));
            try (var again = new AdaptedNetwork.Frozen(SHAPE, read.weights())) {
                float[] found = embed(new AdaptedNetwork(again, adapters, Map.of(), Products.F32));
                long sums = 27 + 72 + 72 + 72 + 144 + 8 + 16 + 20; // of each layer, and the adapters' of rank 2
                for (int i = 0; i < expected.length; i++) {
                    assertThat(found[i]).isCloseTo(expected[i], Rounding.floats(sums, 1));
                }
            }
            assertThat(rank(difference(merged.projection(), before.projection()), 16, 6))
                    .isEqualTo(2);
            String layer = "image.stage0.block0.first";
            assertThat(rank(difference(merged.kernel(layer), before.kernel(layer)), 8, 72))
                    .isEqualTo(2);
            some.values().forEach(Tensor::close);
        }
        assertThatThrownBy(() -> FoldedNetworkFile.read(folder.resolve("vision_model.onnx"), 32))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must hold ");
    }

    private static double[] difference(float[] one, float[] other) {
        return IntStream.range(0, one.length)
                .mapToDouble(i -> one[i] - other[i])
                .toArray();
    }

    /** The rank of a matrix, by elimination with the largest pivots, to float32's accuracy. */
    private static int rank(double[] matrix, int rows, int columns) {
        double most = Arrays.stream(matrix).map(Math::abs).max().orElseThrow();
        for (int rank = 0; rank < Math.min(rows, columns); rank++) {
            int at = IntStream.range(0, matrix.length)
                    .reduce((a, b) -> Math.abs(matrix[b]) > Math.abs(matrix[a]) ? b : a)
                    .orElseThrow();
            if (Math.abs(matrix[at]) < 1e-5 * most) {
                return rank;
            }
            double[] pivotRow = Arrays.copyOfRange(matrix, at / columns * columns, (at / columns + 1) * columns);
            double pivot = matrix[at];
            for (int row = 0; row < rows; row++) {
                double factor = matrix[row * columns + at % columns] / pivot;
                for (int column = 0; column < columns; column++) {
                    matrix[row * columns + column] -= factor * pivotRow[column];
                }
            }
        }
        return Math.min(rows, columns);
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        LowRankAdapters adapters = new LowRankAdapters(Where.ALL, 2, 2);
        try (var frozen = new AdaptedNetwork.Frozen(SHAPE, weights());
                var scope = TorchScope.open()) {
            Map<String, Tensor> leaves = new HashMap<>();
            SplittableRandom random = new SplittableRandom(8);
            adapters.fresh(SHAPE, new FreshParameters(1))
                    .forEach((name, t) -> leaves.put(
                            name,
                            Tensors.of(normal(random, (int) t.numel(), 0.2), t.size(0), t.size(1))
                                    .set_requires_grad(true)));
            AdaptedNetwork network = new AdaptedNetwork(frozen, adapters, leaves, Products.F32);
            Tensor weight = Tensors.of(normal(random, 12, 1), 2, 6);
            network.embed(SHAPE, pixels()).mul(weight).sum().backward();
            for (String name : new String[] {
                ImageNetwork.PROJECTION + ".adapterA",
                ImageNetwork.PROJECTION + ".adapterB",
                "image.stem.adapterA",
                "image.stage1.block0.shortcut.adapterB"
            }) {
                Tensor leaf = Objects.requireNonNull(leaves.get(name));
                float[] gradient = Tensors.toFloats(leaf.grad());
                int at = IntStream.range(0, gradient.length)
                        .reduce((a, b) -> Math.abs(gradient[b]) > Math.abs(gradient[a]) ? b : a)
                        .orElseThrow();
                double step = 2e-3;
                double found =
                        (moved(network, leaf, at, step, weight) - moved(network, leaf, at, -step, weight)) / (2 * step);
                assertThat(found).as(name).isCloseTo(gradient[at], within(0.03 * Math.abs(gradient[at])));
            }
        }
    }

    /** The weighted sum of the embeddings with one number of a parameter moved by a step. */
    private static double moved(AdaptedNetwork network, Tensor leaf, int at, double step, Tensor weight) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            float[] values = Tensors.toFloats(leaf);
            float before = values[at];
            values[at] += (float) step;
            leaf.copy_(Tensors.of(values).view_as(leaf));
            double sum = 0;
            float[] embedded = Tensors.toFloats(network.embed(SHAPE, pixels()));
            float[] weights = Tensors.toFloats(weight);
            for (int i = 0; i < embedded.length; i++) {
                sum += embedded[i] * (double) weights[i];
            }
            values[at] = before;
            leaf.copy_(Tensors.of(values).view_as(leaf));
            return sum;
        }
    }

    private record Trained(FoldedWeights weights, double accuracy) {}

    private static Trained train(
            AdapterSettings settings, AdapterObjective objective, Progress progress, Cancellation cancellation) {
        try (ImageItems items = ImageItems.open(images);
                LabelledImages labelled = LabelledImages.read(items, 16, Progress.silent());
                var frozen = new AdaptedNetwork.Frozen(SHAPE, weights());
                Tensor concepts = Tensors.of(normal(new SplittableRandom(6), 6 * 5, 10), 6, 5)) {
            int[] all = IntStream.range(0, IMAGES).toArray();
            float[][] table = Pixels.table(new double[] {0.3, 0.3, 0.3}, new double[] {0.3, 0.3, 0.3});
            try (var trainer = new AdapterTrainer(
                    new Task(SHAPE, frozen, table, concepts, objective), labelled, new Parts(all, all), settings)) {
                TrainingPlan plan = settings.plan(IMAGES);
                double accuracy = trainer.train(plan, progress, cancellation)
                        .getOrDefault(AdapterTrainer.ACCURACY, 0)
                        .doubleValue();
                return new Trained(trainer.merged(weights()), accuracy);
            }
        }
    }

    private static Trained train(AdapterSettings settings, AdapterObjective objective) {
        return train(settings, objective, Progress.silent(), Cancellation.none());
    }

    @ParameterizedTest
    @EnumSource
    void adaptersOnAllWeightsLearnWhatTheProjectionAloneCannotTell(Loss loss) {
        BottleneckObjective objective = new BottleneckObjective(loss, 1e-4);
        assertThat(train(SETTINGS.withWhere(Where.PROJECTION), objective).accuracy())
                .isLessThan(0.9); // 0.71 to 0.77
        assertThat(train(SETTINGS, objective).accuracy()).isGreaterThan(0.95);
    }

    @Test
    void givesTheSameBytesOnAnyNumberOfThreadsAndAfterAnInterruption() {
        AdapterSettings settings =
                SETTINGS.withTraining(SETTINGS.training().withEpochs(2).withLearningRate(1e-2));
        BottleneckObjective objective = new BottleneckObjective(Loss.SPARSE, 0);
        Map<String, float[]> whole = train(settings, objective).weights().kernels();
        int threads = Torch.threads();
        try {
            Torch.setThreads(threads == 1 ? 2 : 1);
            requireSame(train(settings, objective), whole);
        } finally {
            Torch.setThreads(threads);
        }
        AdapterSettings saving = settings.withTraining(
                settings.training().withCheckpoints(Checkpointing.in(folder.resolve("checkpoints"), 1)));
        Cancellation cancellation = Cancellation.none();
        assertThatThrownBy(() -> train(saving, objective, new StopsAfter(3, cancellation), cancellation))
                .isInstanceOf(CancellationException.class);
        AdapterSettings decaying = saving.withTraining(saving.training().withWeightDecay(0.1));
        assertThatThrownBy(() -> train(decaying, objective))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("weightDecay=0.1; got weightDecay=0.0");
        requireSame(train(saving, objective), whole);
        assertThat(train(settings.withTraining(settings.training().withSeed(4)), objective)
                        .weights()
                        .kernel("image.stem"))
                .isNotEqualTo(whole.get("image.stem"));
    }

    private static void requireSame(Trained found, Map<String, float[]> whole) {
        assertThat(found.weights().kernels())
                .allSatisfy((name, kernel) -> assertThat(kernel).isEqualTo(whole.get(name)));
    }
}
