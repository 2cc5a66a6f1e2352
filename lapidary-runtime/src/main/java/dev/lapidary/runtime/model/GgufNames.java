package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The names that llama.cpp gives to the parameters of a Hugging Face checkpoint, and the order of their rows.
 *
 * <p>In files of the architecture {@code llama} the rows of each head's query and key are interleaved: llama.cpp turns
 * neighbouring entries by rotary positions, Hugging Face's form entry i with entry i + headWidth / 2. Row h·w + j·w/2 + i of a
 * checkpoint (head h of width w, half j) is row h·w + 2i + j of the file.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py">llama.cpp's converter</a>
 */
public final class GgufNames {
    private static final Map<String, String> LLAMA = llama();
    private static final Map<String, String> GPT2 = gpt2();

    private GgufNames() {}

    /** Returns the architecture under which llama.cpp runs a family. */
    public static String architecture(ModelFamily family) {
        return switch (family) {
            case LLAMA, MISTRAL -> "llama";
            case QWEN2 -> "qwen2";
            case QWEN3 -> "qwen3";
            case GPT2 -> "gpt2";
        };
    }

    /** Returns the family of an architecture; Mistral's models are Llama's in such files. */
    static ModelFamily family(String where, String architecture) {
        return switch (architecture) {
            case "llama" -> ModelFamily.LLAMA;
            case "qwen2" -> ModelFamily.QWEN2;
            case "qwen3" -> ModelFamily.QWEN3;
            case "gpt2" -> ModelFamily.GPT2;
            default ->
                throw new InputException(
                        where + ": general.architecture must be llama, qwen2, qwen3 or gpt2; got " + architecture);
        };
    }

    /**
     * Returns the name in a GGUF file of a parameter such as {@code model.layers.0.self_attn.q_proj.weight}.
     *
     * @throws InputException where llama.cpp has none for it
     */
    public static String of(ModelFamily family, String parameter) {
        String block = family.llamaLike() ? "model.layers." : "transformer.h.";
        int dot = parameter.lastIndexOf('.');
        String kind = dot < 0 ? "" : parameter.substring(dot);
        String name = dot < 0 ? parameter : parameter.substring(0, dot);
        String prefix = "";
        if (name.startsWith(block)) {
            int end = name.indexOf('.', block.length());
            prefix = end < 0 ? "" : "blk." + name.substring(block.length(), end) + ".";
            name = end < 0 ? name : name.substring(end + 1);
        }
        String known = (family.llamaLike() ? LLAMA : GPT2).get(name);
        if (known == null) {
            throw new InputException("a parameter must have a name in GGUF files; got " + parameter);
        }
        return prefix + known + kind;
    }

    /** Whether a parameter's rows stand in another order in a GGUF file. */
    public static boolean interleaved(ModelFamily family, String parameter) {
        return architecture(family).equals("llama")
                && (parameter.contains(".self_attn.q_proj.") || parameter.contains(".self_attn.k_proj."));
    }

    /** Returns which row of the GGUF file holds a row of the checkpoint. */
    public static long fileRow(ModelConfig config, String parameter, long row) {
        if (!interleaved(config.family(), parameter)) {
            return row;
        }
        int width = config.headWidth();
        long within = row % width;
        long half = width / 2;
        return row - within + 2 * (within % half) + within / half;
    }

    /** Returns which row of the checkpoint a row of the GGUF file holds. */
    public static long checkpointRow(ModelConfig config, String parameter, long row) {
        if (!interleaved(config.family(), parameter)) {
            return row;
        }
        int width = config.headWidth();
        long within = row % width;
        return row - within + within % 2 * (width / 2) + within / 2;
    }

    private static Map<String, String> llama() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("model.embed_tokens", "token_embd");
        names.put("model.norm", "output_norm");
        names.put("lm_head", "output");
        names.put("input_layernorm", "attn_norm");
        names.put("self_attn.q_proj", "attn_q");
        names.put("self_attn.k_proj", "attn_k");
        names.put("self_attn.v_proj", "attn_v");
        names.put("self_attn.o_proj", "attn_output");
        names.put("self_attn.q_norm", "attn_q_norm");
        names.put("self_attn.k_norm", "attn_k_norm");
        names.put("post_attention_layernorm", "ffn_norm");
        names.put("mlp.gate_proj", "ffn_gate");
        names.put("mlp.up_proj", "ffn_up");
        names.put("mlp.down_proj", "ffn_down");
        return names;
    }

    private static Map<String, String> gpt2() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("transformer.wte", "token_embd");
        names.put("transformer.wpe", "position_embd");
        names.put("transformer.ln_f", "output_norm");
        names.put("lm_head", "output");
        names.put("ln_1", "attn_norm");
        names.put("attn.c_attn", "attn_qkv");
        names.put("attn.c_proj", "attn_output");
        names.put("ln_2", "ffn_norm");
        names.put("mlp.c_fc", "ffn_up");
        names.put("mlp.c_proj", "ffn_down");
        return names;
    }
}
