package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.NextTokenLoss;
import dev.lapidary.optim.AdamSettings;
import dev.lapidary.optim.AdamW;
import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A problem with a known good mask and a prior that is deliberately bad.
 *
 * <p>A small model is trained under random 2:4 masks, the planted ones, on a text where two tokens decide the next. Then the weights
 * that those masks remove are filled with noise that is larger than the weights they keep. So the planted masks are good, and the
 * largest weights of every group, which magnitude keeps, are mostly noise. A learning that works must get away from that prior; one
 * that returns its prior, or learns from a text without structure, must not pass.
 */
class PlantedMaskTest {
    private static final SparsityPattern PATTERN = SparsityPattern.parse("2:4");
    private static final int VOCABULARY = 8;
    private static final int CONTEXT = 16;
    private static final double NOISE = 1.5; // deviations of the weights that are kept
    private static final int CONTROLS = 10;

    private static LanguageModel model;
    private static int[] text;
    private static int[] heldOut;
    private static MaskSet planted;
    private static MaskSet prior;
    private static MaskComparison comparison;
    private static double mean; // loss of random masks
    private static double deviation;

    @BeforeAll
    static void plant() {
        text = text(12_000, 1);
        heldOut = text(3_000, 2);
        model = LanguageModel.create(ModelConfig.llama(VOCABULARY, 16, 1, 2, CONTEXT), 3);
        Random random = new Random(5);
        List<LayerMask> masks = masks(random);
        trainUnder(masks);
        masks.forEach(mask -> fillTheRest(mask, random));
        planted = set("planted", masks);
        prior = OneShot.prune(
                model,
                text,
                new Magnitude(),
                PATTERN,
                OneShotSettings.defaults(),
                Progress.silent(),
                Cancellation.none());
        comparison = new MaskComparison(
                model, text, heldOut, PATTERN, OneShotSettings.defaults(), Progress.silent(), Cancellation.none());
        double[] controls = DoubleStream.generate(() -> loss(set("random", masks(random))))
                .limit(CONTROLS)
                .toArray();
        mean = Arrays.stream(controls).average().orElseThrow();
        double squares =
                Arrays.stream(controls).map(l -> (l - mean) * (l - mean)).sum();
        deviation = Math.sqrt(squares / (CONTROLS - 1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Nine of ten tokens follow from the two before them, the others are drawn evenly. */
    private static int[] text(int tokens, long seed) {
        int[] next = new Random(99).ints(VOCABULARY * VOCABULARY, 0, VOCABULARY).toArray();
        Random random = new Random(seed);
        int[] text = new int[tokens];
        for (int i = 2; i < tokens; i++) {
            boolean follows = random.nextDouble() < 0.9;
            text[i] = follows ? next[text[i - 2] * VOCABULARY + text[i - 1]] : random.nextInt(VOCABULARY);
        }
        return text;
    }

    private static List<LayerMask> masks(Random random) {
        List<LayerMask> masks = new ArrayList<>();
        for (String name : model.prunable()) {
            Tensor weight = model.parameter(name);
            byte[] codes = new byte[(int) (weight.numel() / PATTERN.of())];
            for (int group = 0; group < codes.length; group++) {
                codes[group] = (byte) random.nextInt(PATTERN.count());
            }
            masks.add(new LayerMask(name, (int) weight.size(0), (int) weight.size(1), PATTERN, codes));
        }
        return masks;
    }

    private static MaskSet set(String name, List<LayerMask> masks) {
        return MaskSet.of(model, name, PATTERN, masks, new TreeMap<>());
    }

    private static void trainUnder(List<LayerMask> masks) {
        int steps = 200;
        NextTokenLoss loss = new NextTokenLoss(text, CONTEXT);
        TrainingWindows windows = new TrainingWindows(text, CONTEXT, 32, 1);
        Schedule rate = Schedule.linear(0.02, 0);
        try (AdamW adam = new AdamW(model.parameters().values(), AdamSettings.defaults(), 1);
                var microbatches = new Microbatches<>(model, 1)) {
            for (int step = 0; step < steps; step++) {
                applyTo(masks);
                loss.gradients(microbatches, windows.starts(step), windows.batch(), true);
                adam.step(step + 1, rate.at(step, steps));
            }
        }
        applyTo(masks);
    }

    private static void applyTo(List<LayerMask> masks) {
        for (LayerMask mask : masks) {
            try (var scope = TorchScope.open();
                    var still = new NoGradGuard()) {
                model.parameter(mask.weight()).mul_(mask.toTensor());
            }
        }
    }

    private static void fillTheRest(LayerMask mask, Random random) {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor weight = model.parameter(mask.weight());
            double deviation = Math.sqrt(2 * weight.square().mean().item_double()); // half of the entries are 0
            float[] noise = new float[(int) weight.numel()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (float) (NOISE * deviation * random.nextGaussian());
            }
            Tensor removed = mask.toTensor().neg().add(new Scalar(1f));
            weight.add_(Tensors.of(noise, mask.rows(), mask.columns()).mul(removed));
        }
    }

    /** Learns from a text, beginning at the bad prior. */
    private static MaskSet learned(int[] from) {
        MaskLearningSettings settings = MaskLearningSettings.defaults().withPattern(PATTERN)
                .withSteps(80).withBatch(16).withSeed(1)
                .withRate(1e-2)
                .withValidateEvery(80)
                .withProducts(Products.F32);
        return MaskLearning.learn(
                        model,
                        new Corpus(from, "text"),
                        new Corpus(new int[0], "none"),
                        Optional.of(prior),
                        settings,
                        Optional.empty(),
                        Progress.silent(),
                        Cancellation.none())
                .masks();
    }

    private static double loss(MaskSet masks) {
        return Math.log(comparison.measure(masks.method(), masks));
    }

    /**
     * Whether masks are better than the prior by more than chance can give: on held-out text they close most of the way from the prior
     * to the planted masks, and lie five standard deviations of random masks below the mean of random masks.
     */
    private static boolean beatsThePrior(MaskSet masks) {
        double loss = loss(masks);
        double closed = (loss(prior) - loss) / (loss(prior) - loss(planted));
        return closed > 0.7 && loss < mean - 5 * deviation;
    }

    @Test
    void thePlantedMasksAreGoodAndThePriorIsBad() {
        assertThat(beatsThePrior(planted)).isTrue();
        assertThat(loss(planted)).isLessThan(Math.log(3)); // the text's own entropy is ln 1.6
        assertThat(loss(prior)).isGreaterThan(Math.log(VOCABULARY)); // worse than knowing nothing
    }

    @Test
    void learnedMasksBeatTheirPrior() {
        assertThat(beatsThePrior(learned(text))).isTrue();
    }

    @Test
    void neitherThePriorItselfNorLearningFromATextWithoutStructureDoes() {
        int[] shuffled = text.clone();
        Random random = new Random(4);
        for (int i = shuffled.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = kept;
        }
        assertThat(beatsThePrior(prior)).isFalse();
        assertThat(beatsThePrior(learned(shuffled))).isFalse();
    }
}
