package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.model.Activation;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.RotaryScaling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes the {@code config.json} of Hugging Face folders; defaults are those of the transformers library. */
public final class ConfigJson {
    static final String FILE = "config.json";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long LARGEST_FILE = 16L << 20; // bytes
    private static final int WINDOW = 4096; // tokens, of Mistral and Qwen where the file does not name one

    private ConfigJson() {}

    /**
     * Reads {@code config.json} of a folder.
     *
     * @throws InputException in one line where it is missing or malformed, or describes what is not supported
     */
    public static ModelConfig read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": a model must be a folder with config.json and model.safetensors; got "
                    + (Files.exists(folder) ? "a file" : "nothing at this path"));
        }
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": a model folder must have config.json; got none");
        }
        return new Fields(file.toString(), object(file)).config();
    }

    /** Parses a JSON object of a bounded file. */
    static JsonNode object(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new InputException(
                        file + ": must have at most " + LARGEST_FILE + " bytes; got " + Files.size(file));
            }
            JsonNode node = JSON.readTree(Files.readAllBytes(file));
            if (!node.isObject()) {
                throw new InputException(file + ": must be a JSON object; got " + node.getNodeType());
            }
            return node;
        } catch (JacksonException e) {
            String reason = e.getOriginalMessage().lines().findFirst().orElse("malformed JSON");
            throw new InputException(file + ": must be JSON; got: " + reason, e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** The fields of one file. */
    private record Fields(String where, JsonNode json) {
        ModelConfig config() {
            ModelFamily family = family();
            try {
                return family.llamaLike() ? llama(family) : gpt2();
            } catch (InputException e) {
                String message = String.valueOf(e.getMessage());
                throw message.startsWith(where) ? e : new InputException(where + ": " + message, e);
            }
        }

        private ModelFamily family() {
            JsonNode architecture = json.path("architectures").path(0);
            JsonNode name = architecture.isString() ? architecture : json.path("model_type");
            ModelFamily family = ModelFamily.of(where, name.asString("none"));
            String type = json.path("model_type").asString(family.modelType());
            if (!type.equals(family.modelType())) {
                throw new InputException(where + ": model_type must be " + family.modelType() + " with architecture "
                        + family.architecture() + "; got " + type);
            }
            return family;
        }

        private ModelConfig llama(ModelFamily family) {
            int width = size("hidden_size");
            int heads = size("num_attention_heads");
            refuseQuantised();
            if (number("partial_rotary_factor", 1) != 1) {
                throw new InputException(
                        where + ": partial_rotary_factor must be 1; got " + json.get("partial_rotary_factor"));
            }
            boolean bias = flag("attention_bias", false);
            JsonNode rotary = rotary();
            requireKnownLayers();
            if (rotary.path("partial_rotary_factor").asDouble(1) != 1) {
                throw new InputException(
                        where + ": partial_rotary_factor must be 1; got " + rotary.get("partial_rotary_factor"));
            }
            return new ModelConfig(
                    family,
                    size("vocab_size"),
                    width,
                    size("num_hidden_layers"),
                    heads,
                    size("num_key_value_heads", heads),
                    headWidth(family, width, heads),
                    size("intermediate_size"),
                    context(family),
                    size("max_position_embeddings"),
                    number("rms_norm_eps", 1e-6),
                    Activation.of(where, text("hidden_act", "silu")),
                    new Fields(where, rotary).number("rope_theta", number("rope_theta", 10_000)),
                    scaling(rotary),
                    family == ModelFamily.QWEN2 || (bias && family != ModelFamily.MISTRAL),
                    bias && family != ModelFamily.QWEN2 && family != ModelFamily.MISTRAL,
                    family == ModelFamily.LLAMA && flag("mlp_bias", false),
                    flag("tie_word_embeddings", false),
                    TokenIds.begin(where, json, size("vocab_size")),
                    TokenIds.ends(where, json, size("vocab_size")));
        }

        private ModelConfig gpt2() {
            int width = size("n_embd");
            int heads = size("n_head");
            refuseQuantised();
            if (width % heads != 0) {
                throw new InputException(
                        where + ": n_embd must be a multiple of n_head; got " + width + " and " + heads);
            }
            if (!flag("scale_attn_weights", true) || flag("scale_attn_by_inverse_layer_idx", false)) {
                throw new InputException(where + ": attention must be scaled by the root of the head size only; got"
                        + " scale_attn_weights=" + flag("scale_attn_weights", true)
                        + ", scale_attn_by_inverse_layer_idx=" + flag("scale_attn_by_inverse_layer_idx", false));
            }
            return new ModelConfig(
                    ModelFamily.GPT2,
                    size("vocab_size"),
                    width,
                    size("n_layer"),
                    heads,
                    heads,
                    width / heads,
                    size("n_inner", 4 * width),
                    size("n_positions", size("n_ctx", 1024)),
                    size("n_positions", size("n_ctx", 1024)),
                    number("layer_norm_epsilon", 1e-5),
                    Activation.of(where, text("activation_function", "gelu_new")),
                    10_000,
                    new RotaryScaling.None(),
                    true,
                    true,
                    true,
                    flag("tie_word_embeddings", true),
                    TokenIds.begin(where, json, size("vocab_size")),
                    TokenIds.ends(where, json, size("vocab_size")));
        }

        private void refuseQuantised() {
            JsonNode method = json.path("quantization_config");
            if (method.isObject()) {
                throw new InputException(where + ": weights must be F32, F16 or BF16; got quantization_config "
                        + method.path("quant_method").asString("of an unnamed method"));
            }
        }

        private int headWidth(ModelFamily family, int width, int heads) {
            if (has("head_dim")) {
                return size("head_dim");
            }
            if (family == ModelFamily.QWEN3) {
                return 128;
            }
            if (width % heads != 0) {
                throw new InputException(where + ": hidden_size must be a multiple of num_attention_heads; got " + width
                        + " and " + heads);
            }
            return width / heads;
        }

        private int context(ModelFamily family) {
            int context = size("max_position_embeddings");
            boolean windowed = switch (family) {
                case MISTRAL -> true;
                case QWEN2, QWEN3 -> flag("use_sliding_window", false);
                case LLAMA, GPT2 -> false;
            };
            int window = json.has("sliding_window") ? size("sliding_window", context) : WINDOW;
            return windowed ? Math.min(context, window) : context;
        }

        private void requireKnownLayers() {
            for (JsonNode type : json.path("layer_types")) {
                String name = type.asString("");
                if (!name.equals("full_attention") && !name.equals("sliding_attention")) {
                    throw new InputException(
                            where + ": layer_types must be full_attention or sliding_attention; got " + type);
                }
            }
        }

        /** The rotary settings, under their newer or older name. */
        private JsonNode rotary() {
            JsonNode newer = json.path("rope_parameters");
            return newer.isObject() ? newer : json.path("rope_scaling");
        }

        private RotaryScaling scaling(JsonNode rotary) {
            if (!rotary.isObject()) {
                return new RotaryScaling.None();
            }
            String type = rotary.path("rope_type").asString(rotary.path("type").asString("default"));
            return switch (type) {
                case "default" -> {
                    if (rotary.has("factor")) {
                        throw new InputException(
                                where + ": a rope factor must come with rope_type linear or llama3; got "
                                        + rotary.get("factor") + " with type " + type);
                    }
                    yield new RotaryScaling.None();
                }
                case "linear" -> new RotaryScaling.Linear(positive(rotary, "factor"));
                case "llama3" ->
                    new RotaryScaling.Llama3(
                            positive(rotary, "factor"),
                            positive(rotary, "low_freq_factor"),
                            positive(rotary, "high_freq_factor"),
                            (int) Math.min(Integer.MAX_VALUE, positive(rotary, "original_max_position_embeddings")));
                default ->
                    throw new InputException(where + ": rope type must be one of default, linear, llama3; got " + type);
            };
        }

        private double positive(JsonNode parent, String field) {
            JsonNode node = parent.path(field);
            double value = node.isNumber() ? node.asDouble() : Double.NaN;
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new InputException(where + ": rope setting " + field + " must be a positive number; got "
                        + (node.isMissingNode() ? "none" : node));
            }
            return value;
        }

        private int size(String field) {
            JsonNode node = json.path(field);
            if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 1) {
                throw new InputException(where + ": " + field + " must be a whole number of at least 1; got "
                        + (node.isMissingNode() ? "none" : node));
            }
            return node.asInt();
        }

        private int size(String field, int otherwise) {
            return has(field) ? size(field) : otherwise;
        }

        private double number(String field, double otherwise) {
            return has(field) ? required(field, JsonNode::isNumber, "a number").asDouble() : otherwise;
        }

        private boolean flag(String field, boolean otherwise) {
            return has(field)
                    ? required(field, JsonNode::isBoolean, "true or false").asBoolean()
                    : otherwise;
        }

        private String text(String field, String otherwise) {
            return has(field) ? required(field, JsonNode::isString, "a text").asString() : otherwise;
        }

        /** Whether a field is there with a value; one that is not has a default. */
        private boolean has(String field) {
            JsonNode node = json.path(field);
            return !node.isMissingNode() && !node.isNull();
        }

        private JsonNode required(String field, Predicate<JsonNode> fits, String what) {
            JsonNode node = json.path(field);
            if (!fits.test(node)) {
                throw new InputException(where + ": " + field + " must be " + what + "; got " + node);
            }
            return node;
        }
    }

    /** Returns the {@code config.json} that transformers loads, for weights stored as float32. */
    public static String write(ModelConfig config) {
        return write(config, "float32");
    }

    /** Returns it for weights of a type, such as {@code bfloat16}. */
    static String write(ModelConfig config, String type) {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(config.family().architecture());
        json.put("model_type", config.family().modelType());
        json.put("vocab_size", config.vocabulary());
        if (config.family().llamaLike()) {
            llama(json, config);
        } else {
            gpt2(json, config);
        }
        json.put("tie_word_embeddings", config.tiedEmbeddings());
        config.beginToken().ifPresentOrElse(id -> json.put("bos_token_id", id), () -> json.putNull("bos_token_id"));
        endTokens(json, config.endTokens());
        json.put("torch_dtype", type);
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    private static void endTokens(ObjectNode json, List<Integer> ids) {
        switch (ids.size()) {
            case 0 -> json.putNull("eos_token_id");
            case 1 -> json.put("eos_token_id", ids.getFirst());
            default -> ids.forEach(json.putArray("eos_token_id")::add);
        }
    }

    private static void llama(ObjectNode json, ModelConfig config) {
        json.put("hidden_size", config.width());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headWidth());
        json.put("intermediate_size", config.mlpWidth());
        boolean windowed = config.family() == ModelFamily.MISTRAL && config.context() < config.trainedContext();
        json.put("max_position_embeddings", windowed ? config.trainedContext() : config.context());
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("hidden_act", config.activation().id());
        json.put("rope_theta", config.rotaryBase());
        switch (config.rotaryScaling()) {
            case RotaryScaling.None _ -> json.putNull("rope_scaling");
            case RotaryScaling.Linear(double factor) ->
                json.putObject("rope_scaling").put("rope_type", "linear").put("factor", factor);
            case RotaryScaling.Llama3(double factor, double low, double high, int original) ->
                json.putObject("rope_scaling")
                        .put("rope_type", "llama3")
                        .put("factor", factor)
                        .put("low_freq_factor", low)
                        .put("high_freq_factor", high)
                        .put("original_max_position_embeddings", original);
            case RotaryScaling.Divided _ ->
                throw new InputException(
                        "rotary scaling must be none, linear or llama3 in config.json; got divisors of its own");
        }
        if (config.family() != ModelFamily.QWEN2) {
            if (config.attentionBias() != config.outputBias()) {
                throw new InputException("attention must have all four biases or none in config.json; got those of "
                        + (config.outputBias() ? "the output" : "query, key and value") + " alone");
            }
            json.put("attention_bias", config.attentionBias());
        }
        if (config.family() == ModelFamily.LLAMA) {
            json.put("mlp_bias", config.mlpBias());
        }
        if (config.family() == ModelFamily.MISTRAL) {
            if (windowed) {
                json.put("sliding_window", config.context());
            } else {
                json.putNull("sliding_window");
            }
        }
    }

    private static void gpt2(ObjectNode json, ModelConfig config) {
        json.put("n_embd", config.width());
        json.put("n_layer", config.layers());
        json.put("n_head", config.heads());
        json.put("n_inner", config.mlpWidth());
        json.put("n_positions", config.context());
        json.put("layer_norm_epsilon", config.normEpsilon());
        json.put("activation_function", config.activation().id());
    }
}
