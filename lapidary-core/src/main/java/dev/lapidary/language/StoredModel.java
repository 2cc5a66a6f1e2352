package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.kernel.Bfloat16;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.Elements;
import dev.lapidary.runtime.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A language model as a Hugging Face folder stores it, memory mapped until closed, without PyTorch: its shape, and its parameters as
 * float32, linear weights as [out, in], one at a time.
 */
public final class StoredModel implements AutoCloseable {
    private static final int SHOWN = 6; // names in a message

    private final Path folder;
    private final ModelConfig config;
    private final StoredWeights stored;
    private final SequencedMap<String, List<Long>> shapes;

    private StoredModel(Path folder, ModelConfig config, StoredWeights stored) {
        this.folder = folder;
        this.config = config;
        this.stored = stored;
        this.shapes = ParameterLayout.shapes(config);
    }

    /**
     * Opens a folder and checks that names, shapes and types of its tensors are the model's.
     *
     * @throws InputException in one line where something is missing, malformed or not supported
     */
    public static StoredModel open(Path folder) throws IOException {
        return open(folder, ConfigJson.read(folder));
    }

    static StoredModel open(Path folder, ModelConfig config) throws IOException {
        StoredWeights stored = StoredWeights.open(folder);
        try {
            StoredModel model = new StoredModel(folder, config, stored);
            model.check();
            return model;
        } catch (RuntimeException | Error e) {
            stored.close();
            throw e;
        }
    }

    /** Returns the model's shape. */
    public ModelConfig config() {
        return config;
    }

    /** Returns the parameters' shapes by their Hugging Face names, linear weights as [out, in]. */
    public SequencedMap<String, List<Long>> shapes() {
        return shapes;
    }

    /** Returns the names of the attention and MLP linear weights of all blocks, in the order of use. */
    public List<String> prunable() {
        return IntStream.range(0, config.layers())
                .mapToObj(block -> ParameterLayout.prunable(config, block))
                .flatMap(List::stream)
                .toList();
    }

    /** Returns the SHA-256 over names, shapes and float32 values of all parameters, {@link LanguageModel#digest()}. */
    public String digest() {
        MessageDigest digest = Sha256.digest();
        shapes.forEach((name, shape) -> {
            try (Arena arena = Arena.ofConfined()) {
                Sha256.field(digest, name);
                Sha256.field(digest, shape.toString());
                Sha256.add(digest, values(name, arena));
            }
        });
        return Sha256.hex(digest);
    }

    /** Copies a parameter as float32, row after row, into an arena's memory. */
    public MemorySegment values(String name, Arena arena) {
        TensorView view = view(name);
        MemorySegment copy = arena.allocate(view.count() * Float.BYTES, 64);
        boolean turned = transposed(name);
        if (view.dtype() == DType.F32 && !turned) {
            return copy.copyFrom(view.data());
        }
        long rows = turned ? view.shape().get(0) : 1; // stored [in, out]
        long columns = view.count() / rows;
        for (long row = 0; row < rows; row++) {
            for (long column = 0; column < columns; column++) {
                float value = number(view, row * columns + column);
                copy.setAtIndex(ValueLayout.JAVA_FLOAT, column * rows + row, value);
            }
        }
        return copy;
    }

    private static float number(TensorView view, long index) {
        return switch (view.dtype()) {
            case F32 -> view.data().getAtIndex(Elements.FLOAT, index);
            case F16 -> Float.float16ToFloat(view.data().getAtIndex(Elements.SHORT, index));
            case BF16 -> Bfloat16.widen(view.data().getAtIndex(Elements.SHORT, index));
            default -> throw new IllegalStateException("types must be checked first; got " + view.dtype());
        };
    }

    /** Whether a parameter is stored as [in, out]. */
    boolean transposed(String name) {
        return ParameterLayout.transposed(config, name);
    }

    /** A parameter as it is stored. */
    TensorView view(String name) {
        return require(stored, name);
    }

    private void check() {
        List<String> missing =
                shapes.keySet().stream().filter(n -> stored.find(n) == null).toList();
        if (!missing.isEmpty()) {
            throw new InputException(folder + ": a " + config.family().architecture() + " of " + config.layers()
                    + " layers must have all its tensors; missing " + listed(missing));
        }
        Set<TensorView> used = Collections.newSetFromMap(new IdentityHashMap<>());
        shapes.forEach((name, shape) -> {
            TensorView view = require(stored, name);
            used.add(view);
            checkTensor(view, transposed(name) ? shape.reversed() : shape);
        });
        List<String> others = new ArrayList<>();
        stored.tensors().forEach((name, view) -> {
            if (!used.contains(view) && !harmless(name)) {
                others.add(name);
            }
        });
        if (!others.isEmpty()) {
            throw new InputException(folder + ": a " + config.family().architecture() + " of " + config.layers()
                    + " layers as config.json says must have no other tensors; got " + listed(others));
        }
    }

    private void checkTensor(TensorView view, List<Long> shape) {
        if (!view.shape().equals(shape)) {
            throw new InputException(folder + ": tensor " + view.name() + " must have shape " + shape
                    + " as config.json says; got " + view.shape());
        }
        if (view.dtype() != DType.F32 && view.dtype() != DType.F16 && view.dtype() != DType.BF16) {
            throw new InputException(
                    folder + ": tensor " + view.name() + " must be F32, F16 or BF16; got " + view.dtype());
        }
    }

    /** Whether a tensor that the model does not use follows from the rest. */
    private boolean harmless(String name) {
        return name.endsWith("rotary_emb.inv_freq")
                || name.endsWith(".attn.bias")
                || name.endsWith(".attn.masked_bias")
                || config.tiedEmbeddings() && name.equals("lm_head.weight");
    }

    private static TensorView require(StoredWeights stored, String name) {
        TensorView view = stored.find(name);
        if (view == null) {
            throw new IllegalStateException("names must be checked first; got no " + name);
        }
        return view;
    }

    private static String listed(List<String> names) {
        String text = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
        return names.size() > SHOWN ? text + " and " + (names.size() - SHOWN) + " more" : text;
    }

    @Override
    public void close() {
        stored.close();
    }
}
