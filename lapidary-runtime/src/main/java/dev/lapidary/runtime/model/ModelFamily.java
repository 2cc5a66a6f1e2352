package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The decoder architectures that can be read, under the names that {@code config.json} gives them. */
public enum ModelFamily {
    /** Llama 1 to 3, TinyLlama, SmolLM: RMSNorm, rotary positions, grouped-query attention, SwiGLU. */
    LLAMA("LlamaForCausalLM", "llama"),
    /** Mistral: Llama with attention over a window of the last tokens. */
    MISTRAL("MistralForCausalLM", "mistral"),
    /** Qwen 2 and 2.5: Llama with biases on query, key and value. */
    QWEN2("Qwen2ForCausalLM", "qwen2"),
    /** Qwen 3: Llama with RMSNorm over every head's query and key. */
    QWEN3("Qwen3ForCausalLM", "qwen3"),
    /** GPT-2: LayerNorm, learned positions, a fused query-key-value projection, biases everywhere. */
    GPT2("GPT2LMHeadModel", "gpt2");

    private final String architecture;
    private final String modelType;

    ModelFamily(String architecture, String modelType) {
        this.architecture = architecture;
        this.modelType = modelType;
    }

    /** Returns the class name in {@code architectures}, such as {@code LlamaForCausalLM}. */
    public String architecture() {
        return architecture;
    }

    /** Returns the name in {@code model_type}, such as {@code llama}. */
    public String modelType() {
        return modelType;
    }

    /** Whether the blocks are Llama's (rotary positions, RMSNorm, gated MLP) and not GPT-2's. */
    public boolean llamaLike() {
        return this != GPT2;
    }

    /**
     * Returns the family of an architecture or model type.
     *
     * @throws InputException that lists what is supported
     */
    public static ModelFamily of(String where, String name) {
        for (ModelFamily family : values()) {
            if (name.equals(family.architecture) || name.equals(family.modelType)) {
                return family;
            }
        }
        String supported = Arrays.stream(values()).map(f -> f.architecture).collect(Collectors.joining(", "));
        throw new InputException(where + ": architecture must be one of " + supported + "; got " + name);
    }
}
