package dev.lapidary.sparsity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.language.CutCrossEntropy;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.DenseBudget.Choice;
import dev.lapidary.sparsity.DenseBudget.Limit;
import dev.lapidary.sparsity.DenseBudget.Point;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Choosing layers to leave dense, on a small model that predicts each token to be followed by itself, three of whose layers have
 * harmful weights under their masks.
 */
class DenseBudgetTest {
    private static final int LENGTH = 16;
    private static final int WINDOWS = 12;
    private static final int[] TOKENS =
            IntStream.range(0, WINDOWS * LENGTH).map(i -> i / LENGTH).toArray();

    private static Torch.Lease oneThread; // products are tiny
    private static LanguageModel model;
    private static List<String> harmful; // the worst first
    private static MaskSet masks;

    @BeforeAll
    static void create() {
        oneThread = Torch.oneThreadPerProduct();
        model = LanguageModel.create(ModelConfig.llama(60, 32, 3, 2, LENGTH), 7);
        try (NoGradGuard still = new NoGradGuard()) {
            model.outputWeight()
                    .mul_(new Scalar(10)); // the embedding too: the residual stream speaks for the same token
        }
        List<String> names = model.prunable();
        harmful = List.of(names.get(6), names.get(13), names.get(20));
        MaskSet magnitude = OneShot.prune(
                model,
                new int[0],
                new Magnitude(),
                SparsityPattern.parse("2:4"),
                OneShotSettings.defaults(),
                Progress.silent(),
                Cancellation.none());
        SequencedMap<String, float[]> updated = new LinkedHashMap<>();
        updated.put(harmful.get(0), noise(harmful.get(0), 4));
        updated.put(harmful.get(1), noise(harmful.get(1), 3));
        updated.put(harmful.get(2), noise(harmful.get(2), 2));
        masks = magnitude.withUpdatedWeights(updated);
    }

    @AfterAll
    static void close() {
        model.close();
        oneThread.close();
    }

    @Test
    void takesTheMostHarmfulLayersUnderABudgetOfLayers() {
        Choice choice = choose(Limit.layers(3));
        assertThat(choice.denseLayers()).containsExactlyInAnyOrderElementsOf(harmful);
        assertThat(choice.gains().keySet()).containsExactlyInAnyOrderElementsOf(model.prunable());
        assertThat(choice.gains().firstEntry().getValue())
                .isGreaterThan(choice.gains().lastEntry().getValue() + 0.01);
        assertThat(choice.curve()).extracting(Point::layers).containsExactly(0, 1, 2, 3);
        assertThat(choice.curve().get(3).perplexity())
                .isLessThan(choice.curve().get(0).perplexity());
        assertThat(choice.curve().get(0).density()).isEqualTo(0.5);
    }

    @Test
    void gainsAndCurveAreWhatTheModelMeasures() {
        Choice choice = choose(Limit.layers(2));
        double masked = loss(masks);
        for (Map.Entry<String, Double> gain : choice.gains().entrySet()) {
            MaskSet rest = DenseBudget.without(model, masks, List.of(gain.getKey()));
            assertThat(gain.getValue()).as(gain.getKey()).isCloseTo(masked - loss(rest), within(1e-5));
        }
        MaskSet rest = choice.applyTo(model, masks);
        assertThat(choice.curve().getFirst().perplexity()).isCloseTo(Math.exp(masked), within(1e-3));
        assertThat(choice.curve().getLast().perplexity()).isCloseTo(Math.exp(loss(rest)), within(1e-3));
        model.restoreAll();
        assertThat(choice.densePerplexity()).isCloseTo(Math.exp(loss()), within(1e-3));
        assertThat(rest.layers())
                .hasSize(19)
                .doesNotContainKeys(choice.denseLayers().toArray(String[]::new));
        assertThat(rest.denseLayers()).containsExactlyInAnyOrderElementsOf(choice.denseLayers());
        assertThat(rest.density()).isEqualTo(choice.curve().getLast().density()).isGreaterThan(0.5);
    }

    @Test
    void takesTheFewestLayersUnderABudgetOfPerplexity() {
        List<Point> curve = choose(Limit.layers(3)).curve();
        double between = (curve.get(0).perplexity() + curve.get(3).perplexity()) / 2;
        Choice choice = choose(Limit.perplexity(between));
        Point chosen = choice.curve().stream()
                .filter(point -> point.layers() == choice.denseLayers().size())
                .findFirst()
                .orElseThrow();
        assertThat(chosen.perplexity()).isLessThanOrEqualTo(between);
        assertThat(choice.curve())
                .filteredOn(point -> point.layers() < chosen.layers())
                .isNotEmpty()
                .allSatisfy(point -> assertThat(point.perplexity()).isGreaterThan(between));
    }

    @Test
    void needsNoDenseLayersWhereTheMasksAreGoodEnough() {
        Choice choice = choose(Limit.perplexity(1e9));
        assertThat(choice.denseLayers()).isEmpty();
        assertThat(choice.applyTo(model, masks).layers()).isEqualTo(masks.layers());
    }

    @Test
    void refusesAPerplexityBelowTheDenseModels() {
        assertThatThrownBy(() -> choose(Limit.perplexity(1.0001)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least that of the dense model")
                .hasMessageEndingWith("got 1.0001");
        assertThat(model.value(model.prunable().getFirst()).data_ptr().address())
                .isEqualTo(
                        model.parameter(model.prunable().getFirst()).data_ptr().address());
    }

    @Test
    void refusesBudgetsThatSayNothing() {
        assertThatThrownBy(() -> Limit.layers(-1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got -1");
        assertThatThrownBy(() -> Limit.perplexity(Double.NaN)).isInstanceOf(InputException.class);
    }

    private static Choice choose(Limit limit) {
        return DenseBudget.choose(model, masks, TOKENS, limit, Progress.silent(), Cancellation.none());
    }

    private static double loss(MaskSet set) {
        set.applyTo(model);
        double loss = loss();
        model.restoreAll();
        return loss;
    }

    /** All disjoint windows, which are those drawn from a text that is a multiple of their length. */
    private static double loss() {
        try (TorchScope scope = TorchScope.open();
                NoGradGuard still = new NoGradGuard()) {
            Tensor tokens = Tensors.of(Arrays.stream(TOKENS).asLongStream().toArray(), WINDOWS, LENGTH);
            Tensor hidden = model.hidden(tokens).narrow(1, 0, LENGTH - 1).reshape(-1, 32);
            return CutCrossEntropy.loss(
                    hidden,
                    model.outputWeight(),
                    tokens.narrow(1, 1, LENGTH - 1).reshape(-1));
        }
    }

    private static float[] noise(String name, float scale) {
        float[] values = Tensors.toFloats(model.parameter(name));
        SplittableRandom random = new SplittableRandom(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian(0, scale);
        }
        return values;
    }
}
