package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.gguf.GgufTensor;
import dev.lapidary.runtime.token.GgufTokenizer;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * A language model of llama.cpp, under the names and in the order of rows of a Hugging Face checkpoint. Linear weights are [out,
 * in], also GPT-2's. Whoever opens it closes it.
 */
public final class GgufModel implements AutoCloseable {
    private static final int SHOWN = 6; // names in a message

    private final GgufFile file;
    private final Tokenizer tokenizer;
    private final ModelConfig config;
    private final SequencedMap<String, List<Long>> shapes;

    private GgufModel(GgufFile file) {
        this.file = file;
        this.tokenizer = GgufTokenizer.read(file.metadata());
        this.config = GgufConfig.read(file, tokenizer);
        this.shapes = ParameterLayout.shapes(config);
        shapes.forEach((name, shape) -> {
            GgufTensor tensor = tensor(name);
            if (!tensor.shape().equals(shape)) {
                throw new InputException(
                        file.file() + ": tensor '" + tensor.name() + "' must be " + shape + "; got " + tensor.shape());
            }
        });
        requireNoOthers();
    }

    /** Refuses tensors that no parameter is read from: each would change what llama.cpp calculates. */
    private void requireNoOthers() {
        Set<String> others = new LinkedHashSet<>(file.tensors().keySet());
        shapes.keySet().forEach(name -> others.remove(GgufNames.of(config.family(), name)));
        if (config.family().llamaLike()) {
            others.remove(GgufConfig.FREQUENCIES);
        }
        if (!others.isEmpty()) {
            throw new InputException(file.file() + ": must have no tensors that this model does not use; got '"
                    + String.join("', '", others.stream().limit(SHOWN).toList()) + "'"
                    + (others.size() > SHOWN ? " and " + (others.size() - SHOWN) + " more" : ""));
        }
    }

    /**
     * Opens a file and checks that it has every parameter in its shape.
     *
     * @throws InputException in one line where it is malformed or holds what is not supported
     * @throws IOException where reading fails
     */
    public static GgufModel open(Path path) throws IOException {
        GgufFile file = GgufFile.open(path);
        try {
            return new GgufModel(file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /** Returns the shape of the model. */
    public ModelConfig config() {
        return config;
    }

    /** Returns the tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Returns the shape of each parameter by its Hugging Face name. */
    public SequencedMap<String, List<Long>> shapes() {
        return shapes;
    }

    /** Returns a parameter as it is stored; where {@link GgufNames#interleaved} says so, in another order of rows. */
    public GgufTensor tensor(String parameter) {
        return file.tensor(GgufNames.of(config.family(), parameter));
    }

    /** Writes one row of a parameter, of a vector all of it, as single precision to {@code out[0, columns)}. */
    public void row(String parameter, long row, float[] out) {
        GgufTensor tensor = tensor(parameter);
        if (tensor.shape().size() == 1 && GgufNames.interleaved(config.family(), parameter)) {
            float[] stored = tensor.toFloats();
            for (int i = 0; i < stored.length; i++) {
                out[i] = stored[(int) GgufNames.fileRow(config, parameter, i)];
            }
        } else {
            tensor.row(GgufNames.fileRow(config, parameter, row), out, 0);
        }
    }

    /** Refuses a file that was shortened after it was opened. */
    void requireWhole() {
        file.requireWhole();
    }

    @Override
    public void close() {
        file.close();
    }
}
