package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.StopsAfter;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.train.Checkpoint;
import dev.lapidary.train.Checkpointing;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Learning masks on a random model: what it leaves behind, that it can be interrupted, and what it refuses. */
class MaskLearningTest {
    private static final SparsityPattern PATTERN = SparsityPattern.parse("2:4");
    private static final int VOCABULARY = 32;
    private static final int CONTEXT = 12;
    private static final int STEPS = 5;

    /** Of losses and gradients in float32, over their size: sums as long as the widths of two blocks, there and back, and the tokens. */
    private static final double FLOAT32_ERROR =
            Rounding.float32(2 * (2 * (16 + 8 + CONTEXT + 16 + 16 + 64) + 16) + 3 * CONTEXT, 1);

    private final LanguageModel model = LanguageModel.create(ModelConfig.llama(VOCABULARY, 16, 2, 2, CONTEXT), 3);
    private final Corpus text = corpus(400, 1);
    private final Corpus heldOut = corpus(60, 2);

    @TempDir
    private Path temporary;

    @AfterEach
    void close() {
        model.close();
    }

    private static Corpus corpus(int tokens, long seed) {
        return new Corpus(new Random(seed).ints(tokens, 0, VOCABULARY).toArray(), "random-" + tokens + "-" + seed);
    }

    private static MaskLearningSettings settings() {
        return MaskLearningSettings.defaults()
                .withPattern(PATTERN)
                .withSteps(STEPS)
                .withBatch(3)
                .withSeed(11)
                .withValidateEvery(2)
                .withProducts(Products.F32);
    }

    private MaskLearningResult learn(MaskLearningSettings settings, Optional<MaskSet> prior) {
        return MaskLearning.learn(
                model, text, heldOut, prior, settings, Optional.empty(), Progress.silent(), Cancellation.none());
    }

    @Test
    void aLearningLeavesMasksOfAllPrunableWeightsAndTheModelAsItWas() {
        String digest = model.digest();
        Tensor first = model.value(model.prunable().getFirst());

        MaskLearningResult result = learn(settings(), Optional.empty());

        assertThat(result.masks().layers().keySet()).containsExactlyElementsOf(model.prunable());
        assertThat(result.masks().method()).isEqualTo("maskllm");
        assertThat(result.masks().density()).isEqualTo(0.5);
        assertThat(result.steps()).isEqualTo(STEPS);
        assertThat(result.weights()).isEqualTo(2 * (4 * 16 * 16 + 3 * 16 * 64));
        assertThat(result.flippedFromPrior()).isBetween(0.001, 0.9);
        assertThat(result.perplexity().orElseThrow()).isBetween(20.0, 50.0); // of 32 tokens, all alike
        assertThat(model.digest()).isEqualTo(digest);
        assertThat(model.value(model.prunable().getFirst()).data_ptr().address())
                .isEqualTo(first.data_ptr().address());
    }

    @Test
    void theReportedPerplexityIsThatOfTheMasks() {
        MaskLearningResult result = learn(settings(), Optional.empty());

        var comparison = new MaskComparison(
                model,
                text.tokens(),
                heldOut.tokens(),
                PATTERN,
                OneShotSettings.defaults(),
                Progress.silent(),
                Cancellation.none());
        double measured = comparison.measure("maskllm", result.masks());

        assertThat(result.perplexity().orElseThrow()).isCloseTo(measured, within(FLOAT32_ERROR * measured));
    }

    @ParameterizedTest
    @EnumSource(StateType.class)
    void oneThatWasInterruptedAnywhereEndsInTheSameBytes(StateType state) throws IOException {
        MaskLearningSettings settings = settings().withHard(false).withState(state);
        Path whole = temporary.resolve("whole");
        MaskSet expected = run(settings, whole, Cancellation.none()).masks();
        for (int stop = 0; stop < STEPS; stop++) {
            Path folder = temporary.resolve("stopped-" + stop);
            stopAfter(stop, settings, folder);
            assertThat(run(settings, folder, Cancellation.none()).masks()).isEqualTo(expected);
            assertThat(Files.readAllBytes(Checkpoint.last(folder)))
                    .isEqualTo(Files.readAllBytes(Checkpoint.last(whole)));
            assertThat(metrics(folder)).isEqualTo(metrics(whole));
        }
    }

    @Test
    void onlyTheStepsThatAreLeftArePredicted() {
        Path folder = temporary.resolve("left");
        Checkpointing saved = Checkpointing.in(folder);
        stopAfter(3, settings(), folder);
        try (MaskLearning learning = MaskLearning.prepare(model, text, heldOut, Optional.empty(), settings())) {
            assertThat(learning.stepsLeft(Optional.of(saved))).isEqualTo(STEPS - 3);
            assertThat(learning.stepsLeft(Optional.of(Checkpointing.in(temporary.resolve("none")))))
                    .isEqualTo(STEPS);
            assertThat(learning.stepsLeft(Optional.empty())).isEqualTo(STEPS);
            assertThat(learning.predictSeconds(0)).isZero();
        }
    }

    private MaskLearningResult run(MaskLearningSettings settings, Path folder, Cancellation cancellation) {
        try (MaskLearning learning = MaskLearning.prepare(model, text, heldOut, Optional.empty(), settings)) {
            return learning.run(Optional.of(Checkpointing.in(folder)), Progress.silent(), cancellation);
        }
    }

    private void stopAfter(int steps, MaskLearningSettings settings, Path folder) {
        Cancellation cancellation = new Cancellation();
        if (steps == 0) {
            cancellation.cancel();
        }
        try (MaskLearning learning = MaskLearning.prepare(model, text, heldOut, Optional.empty(), settings)) {
            assertThat(learning.predictSeconds(settings.steps()))
                    .as("and changes nothing")
                    .isPositive();
            assertThatThrownBy(() -> learning.run(
                            Optional.of(Checkpointing.in(folder)), new StopsAfter(steps, cancellation), cancellation))
                    .isInstanceOf(CancellationException.class);
        }
    }

    private static List<String> metrics(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("metrics.jsonl"))) {
            lines.add(line.replaceFirst(",\"seconds\":.*", ""));
        }
        return lines;
    }

    @Test
    void aCheckpointOfOtherSettingsIsRefused() {
        Path folder = temporary.resolve("other");
        run(settings(), folder, Cancellation.none());

        assertThatThrownBy(() -> run(settings().withRate(1e-3), folder, Cancellation.none()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("gateRate=");
    }

    @Test
    void severalPassesAddUpToOne() {
        FirstStep one = step(settings().withMicrobatch(3));
        FirstStep several = step(settings().withMicrobatch(1));

        assertThat(several.gradientNorm()).isCloseTo(one.gradientNorm(), within(FLOAT32_ERROR * one.gradientNorm()));
        // Adam's first step turns tiny gradients into whole ones: where rounding decides, a logit may go elsewhere
        double moved = settings().at(0).rate() / 10;
        long apart = IntStream.range(0, one.state().length)
                .filter(i -> !(Math.abs(several.state()[i] - one.state()[i]) < moved))
                .count();
        assertThat(apart).isLessThanOrEqualTo(one.state().length / 100);
        assertThat(several.state())
                .isNotEqualTo(step(settings().withSteps(STEPS).withBatch(3).withSeed(12))
                        .state());
    }

    @Test
    void passesSideBySideGiveTheSameBytesOnEveryNumberOfThreads() {
        int threads = Torch.threads();
        try {
            Torch.setThreads(1);
            float[] one = step(settings().withMicrobatch(1)).state();
            Torch.setThreads(2);
            assertThat(step(settings().withMicrobatch(1)).state()).isEqualTo(one);
        } finally {
            Torch.setThreads(threads);
        }
    }

    /** Logits and moments of the first weight, and the norm of all gradients. */
    private record FirstStep(float[] state, double gradientNorm) {}

    private FirstStep step(MaskLearningSettings settings) {
        TrainingWindows windows = new TrainingWindows(text.tokens(), CONTEXT, 3, settings.seed());
        try (MaskTraining training = new MaskTraining(model, windows, Optional.empty(), settings)) {
            training.step(0);
            float[] state = training.weights().getFirst().state().segment().toArray(ValueLayout.JAVA_FLOAT);
            return new FirstStep(state, training.validate(1).getOrDefault("gradientNorm", Double.NaN));
        }
    }

    @Test
    void weightsOfABudgetStayWhole() {
        var dense = new LinkedHashSet<>(
                List.of(model.prunable().get(1), model.prunable().get(4)));

        MaskLearningResult result = learn(settings().withDense(dense), Optional.empty());

        assertThat(result.masks().layers())
                .hasSize(model.prunable().size() - 2)
                .doesNotContainKeys(dense.toArray(String[]::new));
        assertThat(result.masks().denseLayers()).containsExactlyElementsOf(dense);
    }

    @Test
    void withoutALearningRateThePriorComesOut() {
        MaskSet prior = OneShot.prune(
                model,
                text.tokens(),
                new Magnitude(),
                PATTERN,
                OneShotSettings.defaults(),
                Progress.silent(),
                Cancellation.none());

        MaskLearningResult result =
                learn(settings().withRate(1e-12).withAlpha(30).withLambda(0), Optional.of(prior));

        assertThat(result.masks().layers()).isEqualTo(prior.layers());
        assertThat(result.flippedFromPrior()).isZero();
    }

    @Test
    void otherPatternsAndHardSamplesAreLearnedToo() {
        MaskLearningSettings other = MaskLearningSettings.defaults()
                .withPattern(SparsityPattern.parse("1:4"))
                .withSteps(2)
                .withBatch(2)
                .withSeed(0)
                .withHard(true)
                .withState(StateType.F32)
                .withProducts(Products.F32);

        assertThat(learn(other, Optional.empty()).masks().density()).isEqualTo(0.25);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Corpus tiny = corpus(2 * CONTEXT, 1);
        assertThatThrownBy(() -> MaskLearning.prepare(model, tiny, heldOut, Optional.empty(), settings()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must hold at least 2 windows of 12 tokens; got 24 tokens");
        assertThatThrownBy(() -> MaskLearning.prepare(
                        model,
                        text,
                        heldOut,
                        Optional.empty(),
                        settings().withContext(13).withMicrobatch(1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("context of 12 tokens; got 13");
        MaskSet elsewhere = new MaskSet(
                "0".repeat(64), PATTERN, "magnitude", new LinkedHashMap<>(), new LinkedHashMap<>(), new TreeMap<>());
        assertThatThrownBy(() -> MaskLearning.prepare(model, text, heldOut, Optional.of(elsewhere), settings()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must belong to this model");
        MaskLearningSettings odd = MaskLearningSettings.defaults().withPattern(SparsityPattern.parse("2:5"));
        assertThatThrownBy(() -> MaskLearning.prepare(model, text, heldOut, Optional.empty(), odd))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a multiple of 5")
                .hasMessageContaining("got");
    }

    @Test
    void everyStepDrawsItsWindowsBySeedAlone() {
        TrainingWindows windows = new TrainingWindows(text.tokens(), CONTEXT, 4, 9);
        TrainingWindows again = new TrainingWindows(text.tokens(), CONTEXT, 4, 9);
        List<Integer> seen = new ArrayList<>();
        int steps = windows.windows() / 4;
        for (int step = 0; step < steps; step++) {
            assertThat(again.starts(step)).hasSize(4).isEqualTo(windows.starts(step));
            for (int start : windows.starts(step)) {
                seen.add(start);
            }
        }
        assertThat(seen)
                .doesNotHaveDuplicates()
                .allMatch(start -> start % CONTEXT == 0 && start / CONTEXT < windows.windows());
        assertThat(windows.epoch(steps)).isEqualTo(1);
        assertThat(windows.starts(steps)).isNotEqualTo(windows.starts(0));

        long[] inputs = Tensors.toLongs(windows.loss().inputs(2 * CONTEXT, 0));
        long[] targets = Tensors.toLongs(windows.loss().targets(2 * CONTEXT, 0));
        assertThat(inputs[0]).isEqualTo(text.tokens()[2 * CONTEXT]);
        assertThat(targets[CONTEXT - 1]).isEqualTo(text.tokens()[3 * CONTEXT]);
        assertThat(targets[CONTEXT]).isEqualTo(text.tokens()[1]);
        assertThat(windows.validation()[0]).isEqualTo(text.tokens()[windows.windows() * CONTEXT]);
    }
}
