package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/** The names and shapes of a model's parameters, linear weights as [out, in], in the order in which they are used. */
public final class ParameterLayout {
    private final ModelConfig config;
    private final SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();

    private ParameterLayout(ModelConfig config) {
        this.config = config;
    }

    /** Returns the shape of each parameter by its Hugging Face name. */
    public static SequencedMap<String, List<Long>> shapes(ModelConfig config) {
        ParameterLayout layout = new ParameterLayout(config);
        if (config.family().llamaLike()) {
            layout.llama();
        } else {
            layout.gpt2();
        }
        return layout.shapes;
    }

    /**
     * Refuses parameters that do not fit in memory.
     *
     * @param available bytes
     */
    public static void requireMemory(String where, ModelConfig config, long available) {
        requireMemory(where, parameters(config), available);
    }

    /** Returns how many numbers the parameters are; no overflow, whatever a file says. */
    public static double parameters(ModelConfig config) {
        double parameters = 0;
        for (List<Long> shape : shapes(config).values()) {
            parameters += shape.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
        }
        return parameters;
    }

    /** Refuses a number of parameters that does not fit in memory. */
    public static void requireMemory(String where, double parameters, long available) {
        double bytes = parameters * Float.BYTES;
        if (bytes > available) {
            throw new InputException(String.format(
                    Locale.ROOT,
                    "%s: a model must fit in memory as float32; got %.0f parameters of %.3f GB where %.3f GB are free",
                    where,
                    parameters,
                    bytes / 1e9,
                    available / 1e9));
        }
    }

    /** Refuses a parameter, of which the error begins with {@code what}, of another shape than the wanted one. */
    static void requireShape(String what, List<Long> wanted, List<Long> got) {
        if (!got.equals(wanted)) {
            throw new InputException(what + " must have shape " + wanted + "; got " + got);
        }
    }

    /** Returns how many entries all parameters have together. */
    public static long count(ModelConfig config) {
        return shapes(config).values().stream()
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** Returns the name of the embedding [vocabulary, width]. */
    public static String embedding(ModelConfig config) {
        return config.family().llamaLike() ? "model.embed_tokens.weight" : "transformer.wte.weight";
    }

    /** Returns what the names of a block's parameters begin with. */
    public static String block(ModelConfig config, int index) {
        return (config.family().llamaLike() ? "model.layers." : "transformer.h.") + index + ".";
    }

    /** Returns the linear weights of a block: attention, then MLP. */
    public static List<String> prunable(ModelConfig config, int index) {
        List<String> names = config.family().llamaLike()
                ? List.of(
                        "self_attn.q_proj",
                        "self_attn.k_proj",
                        "self_attn.v_proj",
                        "self_attn.o_proj",
                        "mlp.gate_proj",
                        "mlp.up_proj",
                        "mlp.down_proj")
                : List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj");
        return names.stream().map(n -> block(config, index) + n + ".weight").toList();
    }

    /** Whether a parameter is a linear weight that the file stores as [in, out]. */
    public static boolean transposed(ModelConfig config, String name) {
        return !config.family().llamaLike() && name.contains(".c_") && name.endsWith(".weight");
    }

    /** Whether a parameter scales a norm. */
    public static boolean scalesNorm(String name) {
        return name.endsWith("norm.weight") || name.contains(".ln_") && name.endsWith(".weight");
    }

    /** Whether a parameter is the last linear weight of a residual branch. */
    public static boolean endsBranch(String name) {
        return name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight") || name.endsWith("c_proj.weight");
    }

    private void llama() {
        long width = config.width();
        long queries = (long) config.heads() * config.headWidth();
        long keys = (long) config.keyValueHeads() * config.headWidth();
        boolean bias = config.attentionBias();
        add(embedding(config), config.vocabulary(), width);
        for (int i = 0; i < config.layers(); i++) {
            String block = block(config, i);
            add(block + "input_layernorm.weight", width);
            linear(block + "self_attn.q_proj", queries, width, bias);
            linear(block + "self_attn.k_proj", keys, width, bias);
            linear(block + "self_attn.v_proj", keys, width, bias);
            if (config.family() == ModelFamily.QWEN3) {
                add(block + "self_attn.q_norm.weight", config.headWidth());
                add(block + "self_attn.k_norm.weight", config.headWidth());
            }
            linear(block + "self_attn.o_proj", width, queries, config.outputBias());
            add(block + "post_attention_layernorm.weight", width);
            linear(block + "mlp.gate_proj", config.mlpWidth(), width, config.mlpBias());
            linear(block + "mlp.up_proj", config.mlpWidth(), width, config.mlpBias());
            linear(block + "mlp.down_proj", width, config.mlpWidth(), config.mlpBias());
        }
        add("model.norm.weight", width);
        output();
    }

    private void gpt2() {
        long width = config.width();
        add(embedding(config), config.vocabulary(), width);
        add("transformer.wpe.weight", config.context(), width);
        for (int i = 0; i < config.layers(); i++) {
            String block = block(config, i);
            norm(block + "ln_1");
            linear(block + "attn.c_attn", 3 * width, width, true);
            linear(block + "attn.c_proj", width, width, true);
            norm(block + "ln_2");
            linear(block + "mlp.c_fc", config.mlpWidth(), width, true);
            linear(block + "mlp.c_proj", width, config.mlpWidth(), true);
        }
        norm("transformer.ln_f");
        output();
    }

    private void output() {
        if (!config.tiedEmbeddings()) {
            add("lm_head.weight", config.vocabulary(), config.width());
        }
    }

    private void norm(String name) {
        add(name + ".weight", config.width());
        add(name + ".bias", config.width());
    }

    private void linear(String name, long out, long in, boolean bias) {
        add(name + ".weight", out, in);
        if (bias) {
            add(name + ".bias", out);
        }
    }

    private void add(String name, long... shape) {
        List<Long> sizes = new ArrayList<>();
        for (long size : shape) {
            sizes.add(size);
        }
        shapes.put(name, List.copyOf(sizes));
    }
}
