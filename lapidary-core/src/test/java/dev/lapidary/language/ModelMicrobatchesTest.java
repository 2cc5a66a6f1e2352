package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.tolerance.Rounding;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Microbatches of a language model: the sum of their gradients, on every number of threads the same bytes. */
class ModelMicrobatchesTest {
    private static final int LENGTH = 8;
    private static final int WINDOWS = 6;
    private static final ModelConfig TINY = ModelConfig.llama(12, 16, 2, 2, 16);

    private final int threads = Torch.threads();
    private final LanguageModel model = LanguageModel.create(TINY, 1);

    @AfterEach
    void close() {
        model.close();
        Torch.setThreads(threads);
    }

    @Test
    void gradientsOfPassesAddUpToThatOfTheWholeBatch() {
        model.parameters().values().forEach(parameter -> parameter.set_requires_grad(true));
        Map<String, float[]> whole = gradients(WINDOWS, 1);
        Map<String, float[]> two = gradients(2, 2);
        Map<String, float[]> uneven = gradients(4, 2);

        assertThat(two.keySet()).isEqualTo(model.parameters().keySet());
        double largest = whole.values().stream()
                .flatMapToDouble(g -> IntStream.range(0, g.length).mapToDouble(i -> Math.abs(g[i])))
                .max()
                .orElseThrow();
        // sums as long as the widths of two blocks, there and back, and over the tokens
        var error = Rounding.floats(2 * (2 * (16 + 8 + LENGTH + 16 + 16 + 64) + 16) + WINDOWS * LENGTH, largest);
        whole.forEach((name, gradient) -> {
            assertThat(two.get(name)).as(name).containsExactly(gradient, error);
            assertThat(uneven.get(name)).as(name).containsExactly(gradient, error);
            assertThat(gradient).as(name).isNotEqualTo(new float[gradient.length]);
        });
        assertThat(gradients(2, 1)).usingRecursiveComparison().isEqualTo(two);
        assertThat(gradients(2, 3)).usingRecursiveComparison().isEqualTo(two);
    }

    private Map<String, float[]> gradients(int windowsAPass, int onThreads) {
        Torch.setThreads(onThreads);
        int[] text =
                new Random(1).ints(WINDOWS * LENGTH + 1, 0, TINY.vocabulary()).toArray();
        int[] starts = IntStream.range(0, WINDOWS).map(i -> i * LENGTH).toArray();
        Map<String, float[]> gradients = new LinkedHashMap<>();
        try (Microbatches<LanguageModel> passes = new Microbatches<>(model, Math.ceilDiv(WINDOWS, windowsAPass));
                TorchScope scope = TorchScope.open()) {
            new NextTokenLoss(text, LENGTH).gradients(passes, starts, windowsAPass, true);
            model.parameters().forEach((name, parameter) -> {
                gradients.put(name, Tensors.toFloats(parameter.grad()));
                parameter.mutable_grad().reset();
            });
        }
        return gradients;
    }

    @ParameterizedTest
    @EnumSource(Products.class)
    void trainingGivesTheSameBytesOnEveryNumberOfThreads(Products products) {
        String one = trainedOn(1, products);

        assertThat(trainedOn(2, products)).isEqualTo(one);
        assertThat(trainedOn(3, products)).isEqualTo(one);
    }

    /** Three passes a step, the last of them shorter, and two batches in a validation. */
    private static String trainedOn(int onThreads, Products products) {
        Torch.setThreads(onThreads);
        Corpus text = new Corpus(new Random(1).ints(4000, 0, 12).toArray(), "random");
        var settings = LanguageTrainingSettings.defaults()
                .withSteps(6).withBatch(80)
                .withProducts(products)
                .withSeed(5);
        try (TrainedModel trained =
                LanguageTraining.train(text, TINY, settings, Progress.silent(), Cancellation.none())) {
            return trained.model().digest() + trained.training().bestMetric();
        }
    }

    @Test
    void stepsLeaveNoNativeMemoryBehind() {
        Torch.setThreads(2);
        int[] text = new Random(1).ints(4000, 0, 12).toArray();
        var settings = LanguageTrainingSettings.defaults().withSteps(100).withBatch(80);
        try (LanguageTrainer trainer = new LanguageTrainer(model, text, text, settings)) {
            for (long step = 0; step < 5; step++) {
                trainer.step(step);
            }
            long before = Pointer.totalBytes();
            long count = Pointer.totalCount();
            for (long step = 5; step < 60; step++) {
                trainer.step(step);
            }
            trainer.validate(60);
            assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(before);
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(count);
        }
    }
}
