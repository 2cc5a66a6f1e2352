package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One-shot pruning of a whole model of random weights. */
class OneShotTest {
    private static final SparsityPattern TWO_OF_FOUR = SparsityPattern.parse("2:4");
    private static final OneShotSettings SETTINGS =
            new OneShotSettings(8, 16, 0.01, OneShotSettings.Flow.SEQUENTIAL, 1);
    private static final int[] TOKENS = tokens(1000);

    private static Torch.Lease oneThread; // products are tiny
    private static LanguageModel model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void create() {
        oneThread = Torch.oneThreadPerProduct();
        model = LanguageModel.create(ModelConfig.llama(60, 32, 2, 2, 16), 7);
    }

    @AfterAll
    static void close() {
        model.close();
        oneThread.close();
    }

    static List<OneShotMethod> methods() {
        return OneShotMethod.all();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everyMethodKeepsTwoOfFourOfEveryLinear(OneShotMethod method) {
        String before = model.digest();
        OneShotResult result = run(method, SETTINGS);
        MaskSet set = result.masks();
        assertThat(set.layers().keySet()).containsExactlyElementsOf(model.prunable());
        assertThat(set.density()).isEqualTo(0.5);
        assertThat(set.method()).isEqualTo(method.name());
        assertThat(set.baseDigest()).isEqualTo(before).isEqualTo(model.digest());
        assertThat(result.layers()).hasSize(14).allSatisfy(layer -> {
            assertThat(layer.keptNorm()).isBetween(0.5, 1.0);
            assertThat(layer.error()).isBetween(1e-4, 1.0);
        });
        assertThat(set.updatedWeights().keySet()).hasSize(method.changesWeights() ? 14 : 0);
        assertThat(OneShot.prune(model, TOKENS, method, TWO_OF_FOUR, SETTINGS, Progress.silent(), Cancellation.none())
                        .layers())
                .isEqualTo(set.layers());
    }

    @Test
    void methodsThatLookAtInputsReconstructBetter() {
        OneShotSettings dense = dense();
        double magnitude = error(run(new Magnitude(), dense));
        double sparseGpt = error(run(new SparseGptMask(), dense));
        double update = error(run(new SparseGptUpdate(), dense));
        assertThat(sparseGpt).isLessThan(magnitude);
        assertThat(update).isLessThan(0.9 * sparseGpt);
    }

    @Test
    void firstBlockOfBothFlowsIsTheSameAndLaterOnesDiffer() {
        MaskSet sequential = run(new Wanda(), SETTINGS).masks();
        MaskSet dense = run(new Wanda(), dense()).masks();
        for (String name : model.prunable(0)) {
            assertThat(dense.layers().get(name)).isEqualTo(sequential.layers().get(name));
        }
        assertThat(model.prunable(1))
                .anySatisfy(name -> assertThat(dense.layers().get(name))
                        .isNotEqualTo(sequential.layers().get(name)));
    }

    @Test
    void laterBlocksSeeTheInputsThatPrunedBlocksGive() {
        MaskSet set = run(new Wanda(), SETTINGS).masks();
        String name = model.prunable(1).getFirst();
        CalibrationWindows windows = CalibrationWindows.draw(TOKENS, SETTINGS, 16);
        try (TorchScope scope = TorchScope.open();
                NoGradGuard still = new NoGradGuard();
                InputGram gram = new InputGram(32)) {
            set.layers()
                    .forEach((layer, mask) ->
                            model.replace(layer, model.parameter(layer).mul(mask.toTensor())));
            Tensor x = model.embed(Tensors.of(windows.rows(0, 8), 8, 16));
            model.block(1, model.block(0, x, null), (weight, inputs) -> {
                if (weight.equals(name)) {
                    gram.add(inputs);
                }
            });
            model.restoreAll();
            byte[] codes = WeightScores.wanda(model.parameter(name), gram.squares(), TWO_OF_FOUR);
            assertThat(narrowest(Tensors.toFloats(model.parameter(name)), gram.squares()))
                    .as("rounding decides nowhere")
                    .isGreaterThan(1e-5);
            assertThat(Objects.requireNonNull(set.layers().get(name)).codes()).isEqualTo(codes);
        }
    }

    /** The least share by which the second of four scores, which is kept, is above the third. */
    private static double narrowest(float[] weights, double[] squares) {
        double least = 1;
        for (int group = 0; group < weights.length; group += 4) {
            double[] scores = new double[4];
            for (int i = 0; i < 4; i++) {
                scores[i] = Math.abs(weights[group + i]) * Math.sqrt(squares[(group + i) % squares.length]);
            }
            Arrays.sort(scores);
            least = Math.min(least, 1 - scores[1] / scores[2]);
        }
        return least;
    }

    @Test
    void layersWithTheSameInputsShareTheirStatistics() {
        CalibrationWindows windows = CalibrationWindows.draw(TOKENS, SETTINGS, 16);
        try (Progress.Task task = Progress.silent().start("", 1);
                CalibrationFlow flow = new CalibrationFlow(model, windows, task, Cancellation.none());
                BlockStatistics statistics = flow.collect(0)) {
            List<String> shared = new ArrayList<>();
            statistics.shared().forEach((weights, gram) -> {
                shared.add(weights.stream()
                        .map(w -> w.split("\\.")[4])
                        .reduce((a, b) -> a + " " + b)
                        .orElse(""));
                assertThat(gram.sequences()).isEqualTo(8);
            });
            assertThat(shared).containsExactly("q_proj k_proj v_proj", "o_proj", "gate_proj up_proj", "down_proj");
        }
    }

    @Test
    void statisticsFromDiskGiveTheSameMasksAndDamagedOnesAreCollectedAgain() throws IOException {
        OneShotSettings dense = dense();
        MaskSet first = run(new SparseGptUpdate(), dense).masks();
        List<Path> files = filesIn(folder);
        assertThat(files).hasSize(2);
        same(run(new SparseGptUpdate(), dense).masks(), first);

        byte[] sound = Files.readAllBytes(files.get(1));
        Files.write(files.get(1), new byte[] {1, 2, 3});
        same(run(new SparseGptUpdate(), dense).masks(), first);
        assertThat(files.get(1)).hasBinaryContent(sound);

        double[] gram = new double[32 * 32];
        SafetensorsWriter.write(files.get(1), List.of(TensorView.of("q", gram, 32, 32)), Map.of("sequences", "8"));
        same(run(new SparseGptUpdate(), dense).masks(), first);
    }

    @Test
    void statisticsComeFromDiskWhereTheyAre() throws IOException {
        OneShotSettings dense = dense();
        MaskSet first = run(new Wanda(), dense).masks();
        for (Path file : filesIn(folder)) {
            spoilFirstInput(file);
        }
        MaskSet again = run(new Wanda(), dense).masks();
        assertThat(again.layers()).isNotEqualTo(first.layers());
    }

    /** Lets the first input of every layer look loud. */
    private static void spoilFirstInput(Path file) throws IOException {
        List<TensorView> views = new ArrayList<>();
        Map<String, String> metadata;
        try (TensorFile opened = TensorFile.open(file)) {
            metadata = opened.metadata();
            for (TensorView view : opened.tensors().values()) {
                float[] values = view.toFloats();
                values[0] = 1e9f;
                long width = view.shape().getFirst();
                views.add(TensorView.of(view.name(), values, width, width));
            }
        }
        SafetensorsWriter.write(file, views, metadata);
    }

    private OneShotSettings dense() {
        return new OneShotSettings(8, 16, 0.01, OneShotSettings.Flow.DENSE, 1, Optional.of(folder));
    }

    private static void same(MaskSet actual, MaskSet expected) {
        assertThat(actual.layers()).isEqualTo(expected.layers());
        expected.updatedWeights()
                .forEach((name, values) ->
                        assertThat(actual.updatedWeights().get(name)).isEqualTo(values));
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void refusesInputsThatAreNoMultipleOfM() {
        SparsityPattern pattern = SparsityPattern.parse("2:5");
        assertThatThrownBy(() -> OneShot.prune(
                        model, TOKENS, new Wanda(), pattern, SETTINGS, Progress.silent(), Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessage("in must be a multiple of m for 2:5 masks; got in=32, m=5 in "
                        + "model.layers.0.self_attn.q_proj.weight");
    }

    @Test
    void refusesATextShorterThanAWindow() {
        assertThatThrownBy(() -> OneShot.prune(
                        model,
                        tokens(15),
                        new Wanda(),
                        TWO_OF_FOUR,
                        SETTINGS,
                        Progress.silent(),
                        Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least one window of 16 tokens; got 15");
    }

    @Test
    void stopsOnRequestAndLeavesTheModelAsItWas() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThatThrownBy(() -> OneShot.prune(
                        model, TOKENS, new Wanda(), TWO_OF_FOUR, SETTINGS, Progress.silent(), cancellation))
                .isInstanceOf(CancellationException.class);
        String name = model.prunable().getFirst();
        assertThat(Tensors.toFloats(model.value(name))).isEqualTo(Tensors.toFloats(model.parameter(name)));
    }

    @Test
    void windowsCoverTheTextAndRepeatWithTheSeed() {
        var other = new OneShotSettings(8, 16, 0.01, OneShotSettings.Flow.SEQUENTIAL, 2);
        CalibrationWindows windows = CalibrationWindows.draw(TOKENS, SETTINGS, 16);
        assertThat(windows.count()).isEqualTo(8);
        assertThat(windows.digest())
                .isEqualTo(CalibrationWindows.draw(TOKENS, SETTINGS, 16).digest());
        assertThat(windows.digest())
                .isNotEqualTo(CalibrationWindows.draw(TOKENS, other, 16).digest());
        int[] counted = new int[1000];
        Arrays.setAll(counted, i -> i);
        int[][] drawn = CalibrationWindows.draw(counted, SETTINGS, 16).windows();
        for (int i = 0; i < 8; i++) {
            assertThat(drawn[i][0]).isBetween(125 * i, 125 * i + 109);
            assertThat(drawn[i][15]).isEqualTo(drawn[i][0] + 15);
        }
        assertThat(CalibrationWindows.draw(tokens(40), SETTINGS, 16).count()).isEqualTo(2);
    }

    private static OneShotResult run(OneShotMethod method, OneShotSettings settings) {
        return OneShot.run(model, TOKENS, method, TWO_OF_FOUR, settings, Progress.silent(), Cancellation.none());
    }

    private static double error(OneShotResult result) {
        return result.layers().stream().mapToDouble(OneShotResult.Layer::error).sum();
    }

    private static int[] tokens(int count) {
        SplittableRandom random = new SplittableRandom(5);
        return random.ints(count, 0, 60).toArray();
    }
}
