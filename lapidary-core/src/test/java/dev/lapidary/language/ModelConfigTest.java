package dev.lapidary.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.Activation;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.model.RotaryScaling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
    private static final String LLAMA = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128256, "hidden_size": 2048,
             "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 8192,
             "max_position_embeddings": 131072, "rms_norm_eps": 1e-05, "hidden_act": "silu", "head_dim": 64,
             "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": true, "rope_theta": 500000.0,
             "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                              "original_max_position_embeddings": 8192, "rope_type": "llama3"},
             "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009]}""";
    private static final RotaryScaling LLAMA3 = new RotaryScaling.Llama3(32, 1, 4, 8192);

    @TempDir
    Path folder;

    /** The same of another family. */
    private static String of(String family) {
        return LLAMA.replace("Llama", family).replace("\"llama\"", "\"" + family.toLowerCase(Locale.ROOT) + "\"");
    }

    @Test
    void aTypeThatContradictsTheArchitectureIsRefused() {
        assertThatThrownBy(() -> read(LLAMA.replace("\"llama\"", "\"gemma\"")))
                .hasMessageEndingWith("model_type must be llama with architecture LlamaForCausalLM; got gemma");
    }

    @Test
    void theNormsEpsilonIsFinite() {
        for (String endless : List.of("1e999", "1e39")) {
            assertThatThrownBy(
                            () -> read(LLAMA.replaceFirst("\"rms_norm_eps\": [^,]+", "\"rms_norm_eps\": " + endless)))
                    .isInstanceOf(InputException.class);
        }
    }

    private ModelConfig read(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ConfigJson.read(folder);
    }

    @Test
    void llama32IsRead() throws IOException {
        ModelConfig config = read(LLAMA);

        assertThat(config)
                .isEqualTo(new ModelConfig(
                        ModelFamily.LLAMA,
                        128256,
                        2048,
                        16,
                        32,
                        8,
                        64,
                        8192,
                        131072,
                        131072,
                        1e-5,
                        Activation.SILU,
                        500_000,
                        LLAMA3,
                        false,
                        false,
                        false,
                        true,
                        OptionalInt.of(128000),
                        List.of(128001, 128008, 128009)));
    }

    @Test
    void newerRotarySettingsAreRead() throws IOException {
        ModelConfig older = read(LLAMA);
        String newer = LLAMA.replace("\"rope_theta\": 500000.0,", "")
                .replace("\"rope_scaling\": {", "\"rope_parameters\": {\"rope_theta\": 500000.0, ");
        assertThat(read(newer)).isEqualTo(older);

        ModelConfig plain = read(LLAMA.replace(
                "\"rope_scaling\": {",
                "\"rope_parameters\": {\"rope_theta\": 5e6, \"rope_type\": \"default\"}, \"x\": {"));
        assertThat(plain.rotaryScaling()).isEqualTo(new RotaryScaling.None());
        assertThat(plain.rotaryBase()).isEqualTo(5e6);
    }

    @Test
    void llama3ScalesLongWavesOnly() {
        assertThat(LLAMA3.scale(0, 1.0)).isEqualTo(1.0);
        assertThat(LLAMA3.scale(0, 1e-4)).isCloseTo(1e-4 / 32, within(1e-18)); // wave of 62832 > 8192
        double frequency = 2 * Math.PI / 4096; // 8192 / 4096 = 2, a third of the way from 1 to 4
        assertThat(LLAMA3.scale(0, frequency)).isCloseTo(frequency * (2.0 / 3 / 32 + 1.0 / 3), within(1e-15));
    }

    @Test
    void absentFieldsTakeTransformersDefaults() throws IOException {
        ModelConfig llama = read("""
                {"model_type": "llama", "vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 256,
                 "rope_scaling": null, "bos_token_id": null}""");
        assertThat(llama.keyValueHeads()).isEqualTo(4);
        assertThat(llama.headWidth()).isEqualTo(16);
        assertThat(llama.normEpsilon()).isEqualTo(1e-6);
        assertThat(llama.rotaryBase()).isEqualTo(10_000);
        assertThat(llama.tiedEmbeddings()).isFalse();
        assertThat(llama.beginToken()).isEmpty();
        assertThat(llama.endTokens()).isEmpty();

        ModelConfig gpt2 = read("""
                {"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_ctx": 1024,
                 "n_positions": 1024, "eos_token_id": 50256}""");
        assertThat(gpt2.mlpWidth()).isEqualTo(3072);
        assertThat(gpt2.activation()).isEqualTo(Activation.GELU_TANH);
        assertThat(gpt2.tiedEmbeddings()).isTrue();
        assertThat(gpt2.endTokens()).containsExactly(50256);
    }

    /** A value of another JSON type is a mistake in the file, not a field that is absent. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "rms_norm_eps            | \"1e-2\" | must be a number; got \"1e-2\"",
                "rope_theta              | [1e4]    | must be a number; got [10000.0]",
                "partial_rotary_factor   | true     | must be a number; got true",
                "tie_word_embeddings     | \"true\" | must be true or false; got \"true\"",
                "attention_bias          | 1        | must be true or false; got 1",
                "mlp_bias                | {}       | must be true or false; got {}",
                "hidden_act              | 3        | must be a text; got 3",
                "head_dim                | \"64\"   | must be a whole number of at least 1; got \"64\"",
                "num_key_value_heads     | 8.5      | must be a whole number of at least 1; got 8.5",
            })
    void aValueOfAnotherTypeIsRefused(String field, String value, String part) {
        String json = LLAMA.replaceAll("\"" + field + "\": [^,]*,", "")
                .replace("{\"arch", "{\"" + field + "\": " + value + ", \"arch");
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(InputException.class)
                .hasMessage(folder.resolve("config.json") + ": " + field + " " + part);
    }

    @Test
    void nullIsAsGoodAsAbsent() throws IOException {
        String absent = LLAMA;
        for (String field : List.of("rms_norm_eps", "tie_word_embeddings", "hidden_act", "head_dim", "rope_theta")) {
            absent = absent.replaceAll("\"" + field + "\": [^,]*,", "");
        }
        String empty = absent.replace(
                "{\"arch",
                "{\"rms_norm_eps\": null, \"tie_word_embeddings\": null, \"hidden_act\": null, \"head_dim\": null,"
                        + " \"rope_theta\": null, \"arch");
        assertThat(read(empty)).isEqualTo(read(absent));
        assertThat(read(empty).normEpsilon()).isEqualTo(1e-6);
    }

    @Test
    void aRotaryBaseOfAnotherTypeIsRefusedInItsNewerPlaceToo() {
        String json = LLAMA.replace("\"rope_scaling\": {", "\"rope_parameters\": {\"rope_theta\": \"5e6\", ");
        assertThatThrownBy(() -> read(json)).hasMessageContaining("rope_theta must be a number; got \"5e6\"");
    }

    @Test
    void aWindowOfAnotherTypeIsRefused() {
        String json = of("Mistral").replace("{\"arch", "{\"sliding_window\": \"9\", \"arch");
        assertThatThrownBy(() -> read(json)).hasMessageContaining("sliding_window must be a whole number");
    }

    @Test
    void qwenDiffersFromLlama() throws IOException {
        ModelConfig two = read(of("Qwen2").replace("{\"arch", "{\"sliding_window\": 4096, \"arch"));
        assertThat(two.attentionBias()).isTrue();
        assertThat(two.context()).isEqualTo(131072); // use_sliding_window is off

        ModelConfig three = read(of("Qwen3").replace("\"head_dim\": 64,", ""));
        assertThat(three.attentionBias()).isFalse();
        assertThat(three.headWidth()).isEqualTo(128);
    }

    @Test
    void aWindowBoundsTheContext() throws IOException {
        String mistral = of("Mistral");
        assertThat(read(mistral.replace("{\"arch", "{\"sliding_window\": 4096, \"arch"))
                        .context())
                .isEqualTo(4096);
        assertThat(read(mistral.replace("{\"arch", "{\"sliding_window\": null, \"arch"))
                        .context())
                .isEqualTo(131072);
    }

    @Test
    void everyConfigReadsBackAsItIsWritten() throws IOException {
        for (ModelConfig config : TinyModels.configs().values()) {
            assertThat(read(ConfigJson.write(config))).isEqualTo(config);
        }
        ModelConfig llama = read(LLAMA);
        assertThat(read(ConfigJson.write(llama))).isEqualTo(llama);
    }

    @Test
    void theSmallLlamaHasRoundSizes() {
        ModelConfig config = ModelConfig.llama(4096, 256, 6, 4, 256);
        assertThat(config.mlpWidth()).isEqualTo(704);
        assertThat(config.headWidth()).isEqualTo(64);
        assertThat(ModelConfig.llama(100, 192, 1, 4, 8).mlpWidth()).isEqualTo(512);
        assertThatThrownBy(() -> ModelConfig.llama(100, 30, 1, 4, 8)).hasMessageContaining("got 30 and 4");
    }

    @Test
    void whatDoesNotFitInMemoryIsRefused() {
        ModelConfig config = ModelConfig.llama(4096, 256, 6, 4, 256); // 5.87 million parameters
        assertThatThrownBy(() -> ParameterLayout.requireMemory("here", config, 20_000_000))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("here: ")
                .hasMessageContaining("got 5868800 parameters of 0.023 GB where 0.020 GB are free");
        ParameterLayout.requireMemory("here", config, 24_000_000);
        assertThatThrownBy(() -> LanguageModel.create(ModelConfig.llama(1 << 24, 1 << 14, 1 << 14, 4, 8), 1))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("new weights: a model must fit in memory as float32");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LlamaForCausalLM | Gemma2ForCausalLM | architecture must be one of LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, GPT2LMHeadModel; got Gemma2ForCausalLM
            "silu" | "quick_gelu" | activation must be one of silu, swish, gelu, gelu_new, gelu_pytorch_tanh, relu; got quick_gelu
            "llama3" | "yarn" | rope type must be one of default, linear, llama3; got yarn
            "factor": 32.0 | "factor": -1 | rope setting factor must be a positive number; got -1
            "vocab_size": 128256 | "vocab": 1 | vocab_size must be a whole number of at least 1; got none
            "hidden_size": 2048 | "hidden_size": "2048" | hidden_size must be a whole number of at least 1; got "2048"
            "hidden_size": 2048 | "hidden_size": 3000000000 | hidden_size must be a whole number of at least 1; got 3000000000
            "num_key_value_heads": 8 | "num_key_value_heads": 5 | heads must be a multiple of key-value heads; got 32 and 5
            "head_dim": 64 | "head_dim": 63 | head width must be even for rotary positions; got 63
            "num_hidden_layers": 16 | "num_hidden_layers": 99999999 | layers must be from 1 to 16384; got 99999999
            "mlp_bias": false | "quantization_config": {"quant_method": "gptq"} | weights must be F32, F16 or BF16; got quantization_config gptq
            "bos_token_id": 128000 | "bos_token_id": "<s>" | bos_token_id must be a token's id, a whole number from 0 to 128255; got "<s>"
            "bos_token_id": 128000 | "bos_token_id": 128256 | bos_token_id must be a token's id, a whole number from 0 to 128255; got 128256
            128001, 128008 | 128001, -1 | eos_token_id must be a token's id, a whole number from 0 to 128255 or a list of such; got -1
            {"architectures" | ["architectures" | must be JSON; got
            """)
    void whatIsNotSupportedIsOneLine(String from, String to, String message) {
        assertThat(LLAMA).contains(from);
        assertThatThrownBy(() -> read(LLAMA.replace(from, to)))
                .isInstanceOf(InputException.class)
                .message()
                .startsWith(folder.resolve("config.json").toString())
                .contains(message)
                .doesNotContain("\n");
    }

    @Test
    void aWindowThatIsNotNamedIsMistrals() throws IOException {
        String mistral = """
                {"model_type": "mistral", "vocab_size": 100, "hidden_size": 64, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 32768%s}""";
        assertThat(read(mistral.formatted("")).context()).isEqualTo(4096);
        assertThat(read(mistral.formatted("")).trainedContext()).isEqualTo(32768);
        assertThat(read(mistral.formatted(", \"sliding_window\": null")).context())
                .isEqualTo(32768);
        ModelConfig windowed = read(mistral.formatted(", \"sliding_window\": 512"));
        assertThat(windowed.context()).isEqualTo(512);
        assertThat(read(ConfigJson.write(windowed))).isEqualTo(windowed);
    }

    @Test
    void settingsThatWouldBeLeftOutAreRefused() {
        assertThatThrownBy(() -> read(LLAMA.replace("\"rope_type\": \"llama3\"", "\"low\": 1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a rope factor must come with rope_type linear or llama3");
        assertThatThrownBy(() -> read(LLAMA.replace("{\"arch", "{\"layer_types\": [\"linear_attention\"], \"arch")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "layer_types must be full_attention or sliding_attention; got \"linear_attention\"");
    }
}
