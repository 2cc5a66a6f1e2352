package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.gguf.GgufMetadata;
import dev.lapidary.runtime.gguf.GgufTensor;
import dev.lapidary.runtime.token.Tokenizer;
import java.util.List;

/** Reads the shape of a model from the metadata and tensors of a GGUF file. */
final class GgufConfig {
    /** Factors that divide the rotary frequencies, where Llama 3.1's rule applies. */
    static final String FREQUENCIES = "rope_freqs.weight";

    private static final int MOST = 1 << 24;
    private static final double TOLERANCE = 1e-3; // of a stored factor, relative

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final String architecture;

    private GgufConfig(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = metadata.text("general.architecture");
    }

    static ModelConfig read(GgufFile file, Tokenizer tokenizer) {
        try {
            return new GgufConfig(file).config(tokenizer);
        } catch (InputException e) {
            throw InputException.in(file.metadata().where(), e);
        }
    }

    private ModelConfig config(Tokenizer tokenizer) {
        ModelFamily family = GgufNames.family(metadata.where(), architecture);
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headWidth = has("attention.key_length") ? size("attention.key_length") : Math.max(1, width / heads);
        double base = decimal(metadata.number(key("rope.freq_base"), 10_000));
        String epsilon = family.llamaLike() ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
        int context = size("context_length");
        int window = has("attention.sliding_window") ? metadata.whole(key("attention.sliding_window"), 0, MOST) : 0;
        if (has("attention.value_length") && size("attention.value_length") != headWidth) {
            throw new InputException(metadata.where() + ": heads of values must be as wide as those of keys; got "
                    + size("attention.value_length") + " and " + headWidth);
        }
        if (family.llamaLike() && has("rope.dimension_count") && size("rope.dimension_count") != headWidth) {
            throw new InputException(metadata.where() + ": " + key("rope.dimension_count")
                    + " must be the width of a head, " + headWidth + "; got " + size("rope.dimension_count"));
        }
        List<Long> embedding = file.tensor("token_embd.weight").shape();
        return new ModelConfig(
                family,
                embedding.isEmpty() ? 1 : (int) Math.min(Integer.MAX_VALUE, embedding.getFirst()),
                width,
                size("block_count"),
                heads,
                has("attention.head_count_kv") ? size("attention.head_count_kv") : heads,
                headWidth,
                size("feed_forward_length"),
                window == 0 ? context : Math.min(window, context),
                decimal(metadata.number(key(epsilon))),
                family.llamaLike() ? Activation.SILU : Activation.GELU_TANH,
                base,
                scaling(base, headWidth),
                !family.llamaLike() || file.tensors().containsKey("blk.0.attn_q.bias"),
                !family.llamaLike() || file.tensors().containsKey("blk.0.ffn_up.bias"),
                !file.tensors().containsKey("output.weight"),
                tokenizer.bos(),
                List.copyOf(tokenizer.ends()));
    }

    private RotaryScaling scaling(double base, int headWidth) {
        String type = metadata.text(key("rope.scaling.type"), "none");
        if (type.equals("linear")) {
            return new RotaryScaling.Linear(decimal(metadata.number(key("rope.scaling.factor"))));
        }
        if (!type.equals("none")) {
            throw new InputException(
                    metadata.where() + ": " + key("rope.scaling.type") + " must be none or linear; got " + type);
        }
        GgufTensor factors = file.tensors().get(FREQUENCIES);
        return factors == null ? new RotaryScaling.None() : llama3(factors.toFloats(), base, headWidth);
    }

    /** Finds Llama 3.1's rule in the factors that it gave; all its published models share the other three settings. */
    private RotaryScaling llama3(float[] factors, double base, int headWidth) {
        RotaryScaling scaling =
                new RotaryScaling.Llama3(factors.length == 0 ? 1 : factors[factors.length - 1], 1, 4, 8192);
        float[] expected = factors(scaling, base, headWidth);
        boolean same = expected.length == factors.length;
        for (int i = 0; same && i < expected.length; i++) {
            same = Math.abs(expected[i] - factors[i]) <= TOLERANCE * expected[i];
        }
        if (!same) {
            throw new InputException(
                    metadata.where() + ": " + FREQUENCIES + " must be by Llama 3.1's rule; got other factors");
        }
        return scaling;
    }

    /** Returns by what each of the headWidth / 2 rotary frequencies is divided. */
    static float[] factors(RotaryScaling scaling, double base, int headWidth) {
        float[] factors = new float[headWidth / 2];
        for (int i = 0; i < factors.length; i++) {
            double frequency = Math.pow(base, -2.0 * i / headWidth);
            factors[i] = (float) (frequency / scaling.scale(frequency));
        }
        return factors;
    }

    /** Returns the shortest number that single precision holds as this one: 1e-5 and not 9.99999974e-6. */
    private static double decimal(double stored) {
        return stored == (float) stored ? Double.parseDouble(Float.toString((float) stored)) : stored;
    }

    private boolean has(String name) {
        return metadata.has(key(name));
    }

    private int size(String name) {
        return metadata.whole(key(name), 1, MOST);
    }

    private String key(String name) {
        return architecture + "." + name;
    }
}
