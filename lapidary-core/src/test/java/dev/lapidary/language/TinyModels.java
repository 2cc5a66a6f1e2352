package dev.lapidary.language;

import dev.lapidary.runtime.model.Activation;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.model.RotaryScaling;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Tiny random models of every architecture, with weights large enough that every part of the formula shows. */
final class TinyModels {
    static final int CONTEXT = 48;

    private TinyModels() {}

    static Map<String, ModelConfig> configs() {
        var none = new RotaryScaling.None();
        Map<String, ModelConfig> configs = new LinkedHashMap<>();
        configs.put("llama", config(ModelFamily.LLAMA, 4, 8, none, false, false, true));
        configs.put("llama grouped", config(ModelFamily.LLAMA, 2, 8, none, false, false, false));
        configs.put("llama one key head", config(ModelFamily.LLAMA, 1, 6, none, false, false, false));
        configs.put("llama biases", config(ModelFamily.LLAMA, 2, 8, none, true, true, false));
        configs.put("llama linear", config(ModelFamily.LLAMA, 4, 8, new RotaryScaling.Linear(4), false, false, true));
        // wave lengths of 6.3 to 630 positions: short, between and long
        configs.put(
                "llama 3", config(ModelFamily.LLAMA, 2, 8, new RotaryScaling.Llama3(8, 1, 4, 100), false, false, true));
        configs.put("mistral", config(ModelFamily.MISTRAL, 2, 8, none, false, false, false));
        configs.put("qwen 2", config(ModelFamily.QWEN2, 2, 8, none, true, false, true));
        configs.put("qwen 3", config(ModelFamily.QWEN3, 2, 16, none, false, false, true));
        configs.put("qwen 3 biases", config(ModelFamily.QWEN3, 2, 16, none, true, false, false));
        configs.put("gpt 2", config(ModelFamily.GPT2, 4, 8, none, true, true, true));
        return configs;
    }

    private static ModelConfig config(
            ModelFamily family,
            int keyValueHeads,
            int headWidth,
            RotaryScaling scaling,
            boolean attentionBias,
            boolean mlpBias,
            boolean tied) {
        return new ModelConfig(
                family,
                61,
                32,
                3,
                4,
                keyValueHeads,
                headWidth,
                48,
                CONTEXT,
                CONTEXT,
                1e-5,
                family == ModelFamily.GPT2 ? Activation.GELU_TANH : Activation.SILU,
                family == ModelFamily.GPT2 ? 10_000 : 1000,
                scaling,
                attentionBias,
                attentionBias && family != ModelFamily.QWEN2,
                mlpBias,
                tied,
                OptionalInt.of(1),
                List.of(2));
    }

    /** The model of a name among {@link #configs}. */
    static LanguageModel random(String name, long seed) {
        return random(Objects.requireNonNull(configs().get(name)), seed);
    }

    /** A model whose every parameter, norms and biases too, is random. */
    static LanguageModel random(ModelConfig config, long seed) {
        LanguageModel model = LanguageModel.create(config, seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (var scope = TorchScope.open()) {
            model.parameters().forEach((name, parameter) -> {
                float[] values = new float[Math.toIntExact(parameter.numel())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((ParameterLayout.scalesNorm(name) ? 1 : 0) + 0.3 * random.nextGaussian());
                }
                parameter.copy_(Tensors.of(values, Tensors.shape(parameter)));
            });
        }
        return model;
    }

    static long[] tokens(int count, long seed) {
        return new SplittableRandom(seed).longs(count, 0, 61).toArray();
    }

    static Tensor batch(int batch, int length, long seed) {
        return Tensors.of(tokens(batch * length, seed), batch, length);
    }
}
