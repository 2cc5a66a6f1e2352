package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LanguageModelTest {
    static Stream<String> architectures() {
        return TinyModels.configs().keySet().stream();
    }

    private static LanguageModel tiny(String name) {
        return TinyModels.random(name, 7);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void logitsAreThoseOfTheFormulaInFloat64(String name) {
        long[] tokens = TinyModels.tokens(2 * 20, 3);
        try (var model = tiny(name);
                var scope = TorchScope.open()) {
            Tensor hidden = model.hidden(Tensors.of(tokens, 2, 20));
            float[] logits = Tensors.toFloats(model.logits(hidden));

            long[][] texts = {Arrays.copyOfRange(tokens, 0, 20), Arrays.copyOfRange(tokens, 20, 40)};
            double[] expected = logits(new DecoderReference(model), texts);
            assertThat(Arrays.stream(expected).map(Math::abs).max().orElseThrow())
                    .isGreaterThan(1);
            assertThat(difference(logits, expected)).isLessThan(allowed(model, texts));
        }
    }

    /** The logits of some texts, flattened. */
    private static double[] logits(DecoderReference reference, long[]... texts) {
        return Arrays.stream(texts)
                .map(reference::logits)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /**
     * By how much logits may differ from those of the formula: three times the most that the formula itself errs where its operations are
     * rounded to float32 by chance. No order of adding and no processor errs more, but for a chance far smaller than a wrong formula's.
     */
    private static double allowed(LanguageModel model, long[]... texts) {
        double[] exact = logits(new DecoderReference(model), texts);
        double error = LongStream.range(0, 8)
                .mapToDouble(seed -> difference(logits(DecoderReference.rounded(model, seed), texts), exact))
                .max()
                .orElseThrow();
        assertThat(error).isBetween(1e-6, 1e-4); // the same on every machine
        return 3 * error;
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void logitsAreThoseOfTransformers(String name) throws IOException {
        double[] expected = JsonMapper.shared().convertValue(golden().path(name), double[].class);
        long[] tokens = TinyModels.tokens(40, 3);
        try (var model = tiny(name);
                var scope = TorchScope.open()) {
            Tensor hidden = model.hidden(Tensors.of(tokens, 1, 40));
            float[] logits = Tensors.toFloats(model.logits(hidden.narrow(1, 39, 1)));

            assertThat(expected).hasSize(61);
            assertThat(difference(logits, expected)).isLessThan(allowed(model, tokens));
        }
    }

    private static JsonNode golden() throws IOException {
        String file = "transformers-logits.json"; // its "source" says how it was made
        try (var in = Objects.requireNonNull(LanguageModelTest.class.getResourceAsStream(file))) {
            return JsonMapper.shared().readTree(in);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void readingTokenByTokenGivesTheLogitsOfTheWholeText(String name) {
        long[] tokens = TinyModels.tokens(30, 4);
        try (var model = tiny(name);
                var cache = model.newCache(30);
                var scope = TorchScope.open()) {
            double[][] expected = new DecoderReference(model).logits(tokens);
            double allowed = allowed(model, tokens);

            int[] ends = {7, 8, 9, 16, 17, 30}; // many, one and several at a time
            int from = 0;
            for (int end : ends) {
                float[] logits = Tensors.toFloats(model.next(Arrays.copyOfRange(tokens, from, end), cache));
                assertThat(difference(logits, expected[end - 1])).isLessThan(allowed);
                from = end;
            }

            assertThat(cache.length()).isEqualTo(30);
            assertThatThrownBy(() -> model.next(new long[] {1}, cache))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got 1");
            cache.truncate(8);
            float[] again = Tensors.toFloats(model.next(new long[] {tokens[8]}, cache));
            assertThat(difference(again, expected[8])).isLessThan(allowed);
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void gradientsOfReplacedWeightsAreThoseOfTheFormula(String name) {
        try (var model = tiny(name);
                var scope = TorchScope.open()) {
            Tensor tokens = TinyModels.batch(1, 6, 5);
            Tensor direction = Tensors.of(gaussians(6 * 61, 9), 1, 6, 61);
            for (String weight : model.prunable(1)) {
                Tensor stand = model.parameter(weight).clone().set_requires_grad(true);
                model.replace(weight, stand);
                model.logits(model.hidden(tokens)).mul(direction).sum().backward();
                double[] gradient = Tensors.toDoubles(stand.grad());
                model.restore(weight);

                assertThat(gradient[5]).as(weight).isCloseTo(numeric(model, weight, tokens, direction), within(2e-3));
                assertThat(Arrays.stream(gradient).map(Math::abs).max().orElseThrow())
                        .isGreaterThan(1e-2);
            }
        }
    }

    /** The slope of the float64 formula along element 5. */
    private static double numeric(LanguageModel model, String weight, Tensor tokens, Tensor direction) {
        double[] along = Tensors.toDoubles(direction);
        double[] sums = new double[2];
        float step = 1f / 256;
        try (var scope = TorchScope.open()) {
            Tensor parameter = model.parameter(weight);
            float[] original = Tensors.toFloats(parameter);
            for (int side = 0; side < 2; side++) {
                float[] moved = original.clone();
                moved[5] += side == 0 ? step : -step;
                parameter.copy_(Tensors.of(moved, Tensors.shape(parameter)));
                double[] logits = Arrays.stream(new DecoderReference(model).logits(Tensors.toLongs(tokens)))
                        .flatMapToDouble(Arrays::stream)
                        .toArray();
                for (int i = 0; i < along.length; i++) {
                    sums[side] += along[i] * logits[i];
                }
            }
            parameter.copy_(Tensors.of(original, Tensors.shape(parameter)));
        }
        return (sums[0] - sums[1]) / (2 * step);
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void blockByBlockIsTheWholeAndShowsEveryInput(String name) {
        try (var model = tiny(name);
                var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor tokens = TinyModels.batch(2, 9, 6);
            List<String> seen = new ArrayList<>();
            Tensor x = model.embed(tokens);
            for (int i = 0; i < model.config().layers(); i++) {
                x = model.block(i, x, (weight, input) -> {
                    seen.add(weight);
                    assertThat(Tensors.shape(input))
                            .containsExactly(2, 9, model.parameter(weight).size(1));
                });
            }
            assertThat(Tensors.toFloats(model.finish(x))).isEqualTo(Tensors.toFloats(model.hidden(tokens)));
            assertThat(seen).isEqualTo(model.prunable());
        }
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void productsInBfloat16AreNearAndTheirGradientsFloat32(String name) {
        try (var model = tiny(name);
                var scope = TorchScope.open()) {
            Tensor tokens = TinyModels.batch(2, 9, 6);
            String weight = model.prunable(1).get(1);
            Tensor stand = model.parameter(weight).clone().set_requires_grad(true);
            model.replace(weight, stand);
            double[] exact = gradient(model, tokens, stand);
            model.multiplyIn(Products.BF16);
            double[] rounded = gradient(model, tokens, stand);

            assertThat(distance(rounded, exact)).isBetween(1e-4, 0.1);
        }
    }

    private static double[] gradient(LanguageModel model, Tensor tokens, Tensor weight) {
        Tensor hidden = model.hidden(tokens);
        hidden.mul(Tensors.of(gaussians((int) hidden.numel(), 2), Tensors.shape(hidden)))
                .sum()
                .backward();
        assertThat(weight.grad().element_size()).isEqualTo(Float.BYTES);
        double[] gradient = Tensors.toDoubles(weight.grad());
        weight.mutable_grad().reset();
        return gradient;
    }

    /** |a − b| / |b|. */
    private static double distance(double[] a, double[] b) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            size += b[i] * b[i];
        }
        return Math.sqrt(difference / size);
    }

    @Test
    void replacedWeightsAreReadUntilRestored() {
        try (var model = tiny("llama");
                var scope = TorchScope.open()) {
            Tensor tokens = TinyModels.batch(1, 5, 8);
            String weight = model.prunable(2).get(3);
            float[] before = Tensors.toFloats(model.hidden(tokens));
            String digest = model.digest();

            model.replace(weight, model.parameter(weight).mul(new org.bytedeco.pytorch.Scalar(2.0)));
            assertThat(Tensors.toFloats(model.hidden(tokens))).isNotEqualTo(before);
            assertThat(model.digest()).isEqualTo(digest);
            model.restoreAll();
            assertThat(Tensors.toFloats(model.hidden(tokens))).isEqualTo(before);
            assertThatThrownBy(() -> model.replace(weight, tokens)).hasMessageContaining("shape [32, 32]; got [1, 5]");
            assertThatThrownBy(() -> model.replace("no", tokens)).hasMessageContaining("got no");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen 3", "gpt 2"})
    void nothingIsLeftOfAForwardABackwardOrAModel(String name) {
        LanguageModel.create(ModelConfig.llama(8, 8, 1, 1, 8), 1).close(); // classes that hold native constants
        use(name);
        long before = Pointer.totalCount();
        for (int i = 0; i < 3; i++) {
            use(name);
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
        try (var model = tiny(name)) {
            assertThat(Pointer.totalCount())
                    .isGreaterThanOrEqualTo(before + model.parameters().size());
        }
    }

    /** What a caller of everything does, in a scope of its own around a model of its own. */
    private static void use(String name) {
        try (var model = tiny(name);
                var cache = model.newCache(20)) {
            long open = 0;
            for (int i = 0; i < 4; i++) {
                try (var scope = TorchScope.open()) {
                    Tensor weight =
                            model.parameter(model.prunable().get(1)).clone().set_requires_grad(true);
                    model.replace(model.prunable().get(1), weight);
                    model.hidden(TinyModels.batch(2, 10, i)).sum().backward();
                    model.restoreAll();
                    model.next(TinyModels.tokens(3, i), cache);
                }
                if (i == 0) {
                    open = Pointer.totalCount();
                }
            }
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(open);
        }
    }

    @Test
    void aModelOutlivesTheScopeItWasMadeIn() {
        LanguageModel model;
        try (var scope = TorchScope.open()) {
            model = tiny("llama");
        }
        try (model;
                var scope = TorchScope.open()) {
            assertThat(Tensors.toFloats(model.hidden(TinyModels.batch(1, 4, 1))))
                    .hasSize(4 * 32);
        }
        assertThatThrownBy(() -> model.outputWeight()).hasMessageContaining("got a closed one");
    }

    @Test
    void tooLongTextsAreRefused() {
        try (var model = tiny("gpt 2");
                var scope = TorchScope.open()) {
            assertThatThrownBy(() -> model.hidden(TinyModels.batch(1, 49, 8)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("48 tokens; got 49");
            assertThatThrownBy(() -> model.newCache(49))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("48; got 49");
        }
    }

    @Test
    void aSeedGivesTheSameWeights() {
        ModelConfig config = ModelConfig.llama(100, 32, 2, 4, 16);
        try (var one = LanguageModel.create(config, 1);
                var same = LanguageModel.create(config, 1);
                var other = LanguageModel.create(config, 2)) {
            assertThat(same.digest()).isEqualTo(one.digest());
            assertThat(other.digest()).isNotEqualTo(one.digest());
            double[] embedding = Tensors.toDoubles(one.outputWeight());
            double square = Arrays.stream(embedding).map(v -> v * v).sum() / embedding.length;
            assertThat(Math.sqrt(square)).isCloseTo(0.02, within(0.001));
        }
    }

    private static double difference(float[] got, double[] expected) {
        double[] widened = new double[got.length];
        Arrays.setAll(widened, i -> got[i]);
        return difference(widened, expected);
    }

    private static double difference(double[] got, double[] expected) {
        assertThat(got).hasSize(expected.length);
        double largest = 0;
        for (int i = 0; i < got.length; i++) {
            largest = Math.max(largest, Math.abs(got[i] - expected[i]) / Math.max(1, Math.abs(expected[i])));
        }
        return largest;
    }

    private static float[] gaussians(int count, long seed) {
        var random = new java.util.SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
