package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufMetadata;
import dev.lapidary.runtime.gguf.GgufValue;
import java.util.Map;
import java.util.Set;

/**
 * Which metadata of a model a GGUF file may have: what {@link GgufConfig} reads, what changes no calculation, and what does at one
 * value only. Anything else under the architecture's name is refused by its name, since it could change what is calculated.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/constants.py">the keys</a>
 */
final class GgufKeys {
    private static final Set<String> READ = Set.of(
            "context_length",
            "embedding_length",
            "block_count",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.value_length",
            "attention.sliding_window",
            "attention.layer_norm_rms_epsilon",
            "attention.layer_norm_epsilon",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scale_linear");

    /** What says something about a model that follows from the rest, or that training needed; what only other types of scaling read. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "vocab_size",
            "tensor_data_layout",
            "rope.scaling.original_context_length",
            "rope.scaling.finetuned",
            "rope.scaling.yarn_ext_factor",
            "rope.scaling.yarn_attn_factor",
            "rope.scaling.yarn_beta_fast",
            "rope.scaling.yarn_beta_slow",
            "rope.scaling.yarn_log_multiplier",
            "expert_used_count",
            "expert_group_count",
            "expert_group_used_count");

    /** The one value at which a key has no effect. */
    private static final Map<String, Double> NEUTRAL = Map.ofEntries(
            Map.entry("expert_count", 0.0),
            Map.entry("expert_shared_count", 0.0),
            Map.entry("use_parallel_residual", 0.0),
            Map.entry("attention.causal", 1.0),
            Map.entry("attention.max_alibi_bias", 0.0),
            Map.entry("attention.clamp_kqv", 0.0),
            Map.entry("attention.scale", 0.0),
            Map.entry("rope.scaling.attn_factor", 1.0),
            Map.entry("logit_scale", 1.0),
            Map.entry("residual_scale", 1.0),
            Map.entry("embedding_scale", 1.0),
            Map.entry("attn_logit_softcapping", 0.0),
            Map.entry("final_logit_softcapping", 0.0),
            Map.entry("pooling_type", 0.0));

    private GgufKeys() {}

    /**
     * Refuses metadata that changes the calculation in a way that is not supported.
     *
     * @throws InputException that names the key
     */
    static void require(GgufMetadata metadata, String architecture) {
        String type = metadata.text("general.type", "model");
        if (!type.equals("model")) {
            throw new InputException(metadata.where() + ": general.type must be model; got " + type);
        }
        if (metadata.whole("split.count", 1) > 1) {
            throw new InputException(metadata.where() + ": a model must be in one file; got one of "
                    + metadata.whole("split.count") + ", which llama-gguf-split --merge joins");
        }
        String prefix = architecture + ".";
        metadata.values().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                require(metadata.where(), key, key.substring(prefix.length()), value);
            }
        });
    }

    private static void require(String where, String key, String name, GgufValue value) {
        if (READ.contains(name) || WITHOUT_EFFECT.contains(name)) {
            return;
        }
        Double neutral = NEUTRAL.get(name);
        double number =
                switch (value) {
                    case GgufValue.Whole whole -> whole.value();
                    case GgufValue.Number given -> given.value();
                    case GgufValue.Truth truth -> truth.value() ? 1 : 0;
                    default -> Double.NaN;
                };
        if (neutral == null || number != neutral) {
            String must = neutral == null ? "be absent, since it is not supported" : "have no effect";
            String got = value instanceof GgufValue.Text(String text) ? "'" + text + "'" : shown(value, number);
            throw new InputException(where + ": " + key + " must " + must + "; got " + got);
        }
    }

    private static String shown(GgufValue value, double number) {
        return Double.isNaN(number) ? value.kind().toString() : Double.toString(number);
    }
}
