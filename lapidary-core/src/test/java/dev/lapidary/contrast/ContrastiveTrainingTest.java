package dev.lapidary.contrast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.lapidary.image.ImageItems;
import dev.lapidary.onnx.OnnxRuntime;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import dev.lapidary.train.Checkpointing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small pairs of encoders on squares of three colours. */
class ContrastiveTrainingTest {
    private static final List<String> COLOURS = List.of("blue", "green", "red");
    private static final int OF_EACH = 40;
    static final ContrastiveSettings SETTINGS = new ContrastiveSettings(
            new NetworkShape(16, 8, 1, 6),
            new ImageTraining(8, 32, 16, 1e-2, 0.01, true, 0.1, 0, Products.F32, Optional.empty()),
            Optional.empty());

    @TempDir
    static Path images;

    @TempDir
    Path folder;

    /** A square of the class's colour somewhere on noise. */
    @BeforeAll
    static void draw() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int colour = 0; colour < COLOURS.size(); colour++) {
            Path own = Files.createDirectory(images.resolve(COLOURS.get(colour)));
            for (int i = 0; i < OF_EACH; i++) {
                BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
                int left = random.nextInt(9);
                int top = random.nextInt(9);
                for (int y = 0; y < 16; y++) {
                    for (int x = 0; x < 16; x++) {
                        boolean inside = x >= left && x < left + 8 && y >= top && y < top + 8;
                        image.setRGB(x, y, inside ? 0xe0 << 8 * colour : random.nextInt(0x40) * 0x010101);
                    }
                }
                ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
            }
        }
    }

    @Test
    void learnsWhichCaptionBelongsToAnImageAndNotWithShuffledOnes() {
        try (ImageTextPairs pairs = pairs(true);
                ImageTextPairs shuffled = pairs(false)) {
            assertThat(precision(pairs)).isGreaterThan(0.9);
            assertThat(precision(shuffled)).isLessThan(0.7); // a third by chance
        }
    }

    private static double precision(ImageTextPairs pairs) {
        return train(pairs, SETTINGS).figures().getOrDefault("precision", 0).doubleValue();
    }

    @Test
    void givesTheSameBytesOnAnyNumberOfThreadsAndAfterAnInterruption() throws IOException {
        try (ImageTextPairs pairs = pairs(true)) {
            ContrastiveSettings settings = seeded(5);
            byte[] whole = vision(train(pairs, settings));
            int threads = Torch.threads();
            try {
                Torch.setThreads(threads == 1 ? 2 : 1);
                assertThat(vision(train(pairs, settings))).isEqualTo(whole);
            } finally {
                Torch.setThreads(threads);
            }
            ContrastiveSettings saving = settings.withTraining(
                            settings.training().withCheckpoints(Checkpointing.in(folder.resolve("checkpoints"), 1)))
                    .withMetrics(folder.resolve("metrics.jsonl"));
            Cancellation cancellation = Cancellation.none();
            assertThatThrownBy(() ->
                            ContrastiveTraining.train(pairs, saving, new StopsAfter(4, cancellation), cancellation))
                    .isInstanceOf(CancellationException.class);
            assertThat(vision(train(pairs, saving))).isEqualTo(whole);
            assertThat(vision(train(pairs, seeded(6)))).isNotEqualTo(whole);
        }
    }

    /** The network with statistics and scales that are not those of the beginning, in PyTorch and written as ONNX. */
    @Test
    void theWrittenNetworkGivesTheEmbeddingsOfTheTrainedOne() throws Exception {
        NetworkShape shape = new NetworkShape(32, 8, 2, 6);
        SplittableRandom random = new SplittableRandom(3);
        try (var scope = TorchScope.open();
                var statistics = new NormalisationStatistics(shape, 2)) {
            Map<String, Tensor> parameters = FreshEncoder.of(shape, 3, 9);
            for (ImageNetwork.Convolution layer :
                    ImageNetwork.convolutions(shape).values()) {
                fill(Objects.requireNonNull(parameters.get(layer.name() + ".scale")), random, 0.5);
                fill(Objects.requireNonNull(parameters.get(layer.name() + ".shift")), random, -0.5);
                for (int piece = 0; piece < 2; piece++) {
                    fill(statistics.row(piece).mean(layer.name()), random, -0.5);
                    fill(statistics.row(piece).variance(layer.name()), random, 0.5);
                }
            }
            float[] pixels = new float[2 * 3 * 32 * 32];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextDouble(-1, 1);
            }
            Tensor input = Tensors.of(pixels, 2, 3, 32, 32);
            float[] expected = Tensors.toFloats(
                    TorchNetwork.trained(parameters, statistics).embed(shape, input));
            Path file = folder.resolve("vision_model.onnx");
            OnnxNetwork.graph(shape, FoldedWeights.of(shape, parameters, statistics))
                    .write(file);
            float[] found = run(file, pixels);
            for (int image = 0; image < 2; image++) {
                double norm = 0;
                for (int j = 0; j < 6; j++) {
                    norm += found[image * 6 + j] * found[image * 6 + j];
                }
                for (int j = 0; j < 6; j++) {
                    assertThat(found[image * 6 + j] / Math.sqrt(norm)).isCloseTo(expected[image * 6 + j], within(1e-4));
                }
            }
            parameters.values().forEach(Tensor::close);
        }
    }

    private static void fill(Tensor values, SplittableRandom random, double least) {
        float[] numbers = new float[Math.toIntExact(values.numel())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextDouble(least, least + 1);
        }
        values.copy_(Tensors.of(numbers));
    }

    private static float[] run(Path file, float[] pixels) throws Exception {
        try (OrtSession session = OnnxRuntime.environment().createSession(file.toString());
                OnnxTensor input = OnnxTensor.createTensor(
                        OnnxRuntime.environment(), FloatBuffer.wrap(pixels), new long[] {2, 3, 32, 32});
                OrtSession.Result result = session.run(Map.of("pixel_values", input))) {
            float[] values = new float[12];
            ((OnnxTensor) result.get(0)).getFloatBuffer().get(values);
            return values;
        }
    }

    @Test
    void tooFewImagesAndBadSizesAreRefused() {
        try (ImageTextPairs pairs = pairs(true)) {
            ContrastiveSettings large = SETTINGS.withTraining(
                    new ImageTraining(1, 512, 512, 1e-2, 0, false, 0.1, 0, Products.F32, Optional.empty()));
            assertThatThrownBy(() -> train(pairs, large))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("at least 512 to train on; got 120 in all");
        }
        assertThatThrownBy(() -> new NetworkShape(48, 8, 1, 6)).hasMessageContaining("power of two");
        assertThatThrownBy(() -> SETTINGS.training().withLearningRate(2))
                .hasMessageContaining("learning rate must be between 0 and 1; got 2");
        assertThatThrownBy(() -> ImageTraining.defaults().withBatch(1))
                .hasMessageContaining("batch must be at least 2; got 1");
    }

    @Test
    void imagesThatAllHaveOneCaptionAreRefused() {
        try (ImageTextPairs pairs = pairs(image -> List.of(COLOURS.getFirst()))) {
            assertThatThrownBy(() -> train(pairs, SETTINGS))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("at least 2 different captions to be told apart; got 1");
        }
    }

    private static ContrastiveSettings seeded(long seed) {
        return SETTINGS.withTraining(SETTINGS.training().withEpochs(2).withSeed(seed));
    }

    private static TrainedEncoders train(ImageTextPairs pairs, ContrastiveSettings settings) {
        return ContrastiveTraining.train(pairs, settings, Progress.silent(), Cancellation.none());
    }

    private byte[] vision(TrainedEncoders encoders) {
        return encoders.vision().toBytes();
    }

    static ImageTextPairs pairs(boolean named) {
        CaptionSource source = named
                ? image -> List.of(image.label().orElseThrow())
                : image -> List.of(COLOURS.get(Math.floorMod(image.name().hashCode() * 31 >>> 7, COLOURS.size())));
        return pairs(source);
    }

    private static ImageTextPairs pairs(CaptionSource source) {
        try (ImageItems items = ImageItems.open(images)) {
            return ImageTextPairs.read(items, source, new NamedTexts(COLOURS), 16, Progress.silent());
        }
    }
}
