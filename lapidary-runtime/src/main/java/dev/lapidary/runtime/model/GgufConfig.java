package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.gguf.GgufMetadata;
import dev.lapidary.runtime.gguf.GgufTensor;
import dev.lapidary.runtime.gguf.GgufValue;
import dev.lapidary.runtime.token.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads the shape of a model from the metadata and tensors of a GGUF file. */
final class GgufConfig {
    /** Numbers that divide the rotary frequencies. */
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
        GgufKeys.require(metadata, architecture);
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headWidth = has("attention.key_length") ? size("attention.key_length") : Math.max(1, width / heads);
        double base = decimal(metadata.number(key("rope.freq_base"), 10_000));
        String epsilon = family.llamaLike() ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
        int context = size("context_length");
        int window = has("attention.sliding_window") ? metadata.whole(key("attention.sliding_window"), 0, MOST) : 0;
        int valueWidth =
                has("attention.value_length") ? size("attention.value_length") : Math.max(1, width / heads);
        if (valueWidth != headWidth) {
            throw new InputException(metadata.where() + ": heads of values must be as wide as those of keys; got "
                    + valueWidth + " and " + headWidth);
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
                context,
                decimal(metadata.number(key(epsilon))),
                family.llamaLike() ? Activation.SILU : Activation.GELU_TANH,
                base,
                family.llamaLike() ? scaling(base, headWidth) : new RotaryScaling.None(),
                !family.llamaLike() || any("blk.0.attn_q.bias", "blk.0.attn_k.bias", "blk.0.attn_v.bias"),
                !family.llamaLike() || any("blk.0.attn_output.bias"),
                !family.llamaLike() || any("blk.0.ffn_gate.bias", "blk.0.ffn_up.bias", "blk.0.ffn_down.bias"),
                !file.tensors().containsKey("output.weight"),
                tokenizer.bos(),
                List.copyOf(tokenizer.ends()));
    }

    /** Whether there is one of these tensors; where others of the same layer are missing, that is refused later, by name. */
    private boolean any(String... names) {
        return Stream.of(names).anyMatch(file.tensors()::containsKey);
    }

    /** As in llama.cpp, a factor without a type is of the type linear, and an older key has the same meaning. */
    private RotaryScaling scaling(double base, int headWidth) {
        String type = metadata.text(key("rope.scaling.type"), "linear");
        if (!type.equals("linear") && !type.equals("none")) {
            throw new InputException(
                    metadata.where() + ": " + key("rope.scaling.type") + " must be none or linear; got " + type);
        }
        double factor = type.equals("none") ? 1 : factor();
        GgufTensor divisors = file.tensors().get(FREQUENCIES);
        if (divisors != null) {
            return divided(divisors, factor, base, headWidth);
        }
        return factor == 1 ? new RotaryScaling.None() : new RotaryScaling.Linear(factor);
    }

    private double factor() {
        String name = has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
        double factor = decimal(metadata.number(key(name), 1));
        if (!(factor >= 0) || Double.isInfinite(factor)) {
            throw new InputException(metadata.where() + ": " + key(name) + " must be a positive number; got " + factor);
        }
        return factor == 0 ? 1 : factor; // llama.cpp's way to say none
    }

    private RotaryScaling divided(GgufTensor tensor, double factor, double base, int headWidth) {
        if (!tensor.shape().equals(List.of((long) headWidth / 2))) {
            throw new InputException(metadata.where() + ": " + FREQUENCIES + " must have a number for each of "
                    + headWidth / 2 + " frequencies; got shape " + tensor.shape());
        }
        float[] divisors = tensor.toFloats();
        RotaryScaling llama3 = new RotaryScaling.Llama3(divisors[divisors.length - 1], 1, 4, 8192);
        if (factor == 1 && isClose(factors(llama3, base, headWidth), divisors)) {
            return llama3;
        }
        List<Double> all = new ArrayList<>();
        for (float divisor : divisors) {
            all.add(factor * divisor);
        }
        return new RotaryScaling.Divided(all);
    }

    /** Whether divisors are Llama 3.1's with the three settings that all its published models share. */
    private static boolean isClose(float[] expected, float[] divisors) {
        boolean same = true;
        for (int i = 0; i < expected.length; i++) {
            same &= Math.abs(expected[i] - divisors[i]) <= TOLERANCE * expected[i];
        }
        return same;
    }

    /** Returns by what each of the headWidth / 2 rotary frequencies is divided. */
    static float[] factors(RotaryScaling scaling, double base, int headWidth) {
        float[] factors = new float[headWidth / 2];
        for (int i = 0; i < factors.length; i++) {
            double frequency = Math.pow(base, -2.0 * i / headWidth);
            factors[i] = (float) (frequency / scaling.scale(i, frequency));
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

    /** A size, or an array with the same size for each block. */
    private int size(String name) {
        if (!(metadata.values().get(key(name)) instanceof GgufValue.Items)) {
            return metadata.whole(key(name), 1, MOST);
        }
        long[] sizes = metadata.wholes(key(name));
        long first = sizes.length == 0 ? 0 : sizes[0];
        for (long size : sizes) {
            if (size != first || size > MOST) {
                throw new InputException(metadata.where() + ": " + key(name)
                        + " must be the same for every block; got " + first + " and " + size);
            }
        }
        if (first < 1 || sizes.length != metadata.whole(key("block_count"), 1, MOST)) {
            throw new InputException(metadata.where() + ": " + key(name)
                    + " must have a size of at least 1 for every block; got " + sizes.length + " of " + first);
        }
        return (int) first;
    }

    private String key(String name) {
        return architecture + "." + name;
    }
}
