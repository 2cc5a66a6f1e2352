package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufType;
import dev.lapidary.runtime.gguf.GgufValue;
import dev.lapidary.runtime.gguf.GgufWriter;
import dev.lapidary.runtime.token.GgufVocabulary;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Writes a model as a GGUF file that llama.cpp runs. Such a file has no sparse form: pruned weights are zeros in it, and cost as
 * much as others.
 */
public final class GgufExport {
    private GgufExport() {}

    /** Gives the parameters of a model under their Hugging Face names. */
    public interface Source {
        /** Writes one row of a parameter, linear weights as [out, in], of a vector all of it, to {@code out[0, columns)}. */
        void row(String parameter, long row, float[] out);
    }

    /**
     * Writes a file, all or nothing.
     *
     * @param name of the model, for people
     * @param type of matrices: F32, F16, BF16 or Q8_0; vectors are F32, and so are matrices whose rows are no whole blocks
     * @throws InputException that names what llama.cpp has no place for
     * @throws IOException where writing fails; the file is then as it was before
     */
    public static void write(
            Path file, String name, ModelConfig config, Tokenizer tokenizer, GgufType type, Source source)
            throws IOException {
        SequencedMap<String, GgufValue> metadata = metadata(name, config, type);
        metadata.putAll(GgufVocabulary.of(tokenizer, config.vocabulary()));
        List<GgufWriter.Entry> entries = new ArrayList<>();
        float[] factors = GgufConfig.factors(config.rotaryScaling(), config.rotaryBase(), config.headWidth());
        if (config.rotaryScaling() instanceof RotaryScaling.Llama3
                || config.rotaryScaling() instanceof RotaryScaling.Divided) {
            entries.add(new GgufWriter.Entry(
                    GgufConfig.FREQUENCIES,
                    GgufType.F32,
                    List.of((long) factors.length),
                    (row, out) -> System.arraycopy(factors, 0, out, 0, factors.length)));
        }
        ParameterLayout.shapes(config).forEach((parameter, shape) -> {
            boolean whole = shape.size() > 1 && shape.getLast() % type.blockElements() == 0;
            entries.add(new GgufWriter.Entry(
                    GgufNames.of(config.family(), parameter),
                    whole && !parameter.equals("transformer.wpe.weight") ? type : GgufType.F32,
                    shape,
                    rows(config, parameter, shape, source)));
        });
        GgufWriter.write(file, metadata, entries);
    }

    private static GgufWriter.Rows rows(ModelConfig config, String parameter, List<Long> shape, Source source) {
        if (shape.size() > 1) {
            return (row, out) -> source.row(parameter, GgufNames.checkpointRow(config, parameter, row), out);
        }
        float[] vector = new float[Math.toIntExact(shape.getFirst())];
        return (row, out) -> {
            source.row(parameter, 0, vector);
            for (int i = 0; i < vector.length; i++) {
                out[i] = vector[(int) GgufNames.checkpointRow(config, parameter, i)];
            }
        };
    }

    private static SequencedMap<String, GgufValue> metadata(String name, ModelConfig config, GgufType type) {
        String architecture = GgufNames.architecture(config.family());
        SequencedMap<String, GgufValue> all = new LinkedHashMap<>();
        all.put("general.architecture", new GgufValue.Text(architecture));
        all.put("general.name", new GgufValue.Text(name));
        all.put("general.file_type", GgufValue.size(fileType(type)));
        all.put("general.quantization_version", GgufValue.size(2));
        SequencedMap<String, GgufValue> own = new LinkedHashMap<>();
        own.put("vocab_size", GgufValue.size(config.vocabulary()));
        own.put("context_length", GgufValue.size(config.trainedContext()));
        own.put("embedding_length", GgufValue.size(config.width()));
        own.put("block_count", GgufValue.size(config.layers()));
        own.put("feed_forward_length", GgufValue.size(config.mlpWidth()));
        own.put("attention.head_count", GgufValue.size(config.heads()));
        own.put("attention.head_count_kv", GgufValue.size(config.keyValueHeads()));
        if (config.context() < config.trainedContext()) { // attention is over a window
            own.put("attention.sliding_window", GgufValue.size(config.context()));
        }
        if (config.family().llamaLike()) {
            own.put("attention.key_length", GgufValue.size(config.headWidth()));
            own.put("attention.value_length", GgufValue.size(config.headWidth()));
            own.put("rope.dimension_count", GgufValue.size(config.headWidth()));
            own.put("rope.freq_base", GgufValue.number(config.rotaryBase()));
            own.put("attention.layer_norm_rms_epsilon", GgufValue.number(config.normEpsilon()));
        } else {
            own.put("attention.layer_norm_epsilon", GgufValue.number(config.normEpsilon()));
        }
        if (config.rotaryScaling() instanceof RotaryScaling.Linear(double factor)) {
            own.put("rope.scaling.type", new GgufValue.Text("linear"));
            own.put("rope.scaling.factor", GgufValue.number(factor));
        }
        requireActivation(config);
        own.forEach((key, value) -> all.put(architecture + "." + key, value));
        return all;
    }

    private static void requireActivation(ModelConfig config) {
        Activation expected = config.family().llamaLike() ? Activation.SILU : Activation.GELU_TANH;
        if (config.activation() != expected) {
            throw new InputException("the activation must be " + expected.id() + " in a GGUF file of "
                    + GgufNames.architecture(config.family()) + "; got "
                    + config.activation().id());
        }
    }

    private static int fileType(GgufType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q8_0 -> 7;
            case BF16 -> 32;
        };
    }
}
