package dev.lapidary.language;

import dev.lapidary.linear.LinearForm;
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
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A language model as a Hugging Face folder stores it, memory mapped until closed, without PyTorch: its shape, and its parameters as
 * float32, linear weights as [out, in], one at a time. Linear weights that the folder of a {@link CompressedCheckpoint} stores in
 * another form than as a matrix are read with PyTorch.
 */
public final class StoredModel implements AutoCloseable {
    private static final int SHOWN = 4; // names in a message

    private final Path folder;
    private final ModelConfig config;
    private final StoredWeights stored;
    private final CompressedLayers compressed;
    private final SequencedMap<String, List<Long>> shapes;

    private StoredModel(Path folder, ModelConfig config, StoredWeights stored) {
        this.folder = folder;
        this.config = config;
        this.stored = stored;
        this.compressed = stored.compressed();
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
            if (compressed(name)) {
                try (LinearForm form = form(name)) {
                    FormValues.addTo(digest, Weights.layer(name), form);
                }
                return;
            }
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
        if (compressed(name)) {
            try (LinearForm form = form(name)) {
                return FormValues.copy(form, arena);
            }
        }
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

    /** Whether a parameter is a linear weight that is stored in another form than as a matrix. */
    public boolean compressed(String name) {
        return compressed.has(name);
    }

    /** Reads a linear weight that is {@link #compressed}, with PyTorch; the caller closes it. */
    public LinearForm form(String name) {
        return compressed.form(folder, name, shape(name), stored.tensors());
    }

    /**
     * Returns the shape [out, in] of a linear weight that is stored as a matrix.
     *
     * @throws InputException where it is stored in another form
     */
    public List<Long> denseShape(String name) {
        compressed.requireDense(name);
        return shape(name);
    }

    private List<Long> shape(String name) {
        return Objects.requireNonNull(shapes.get(name), name);
    }

    /** Returns how many numbers all tensors hold. */
    double numbers() {
        if (compressed.isEmpty()) {
            return ParameterLayout.parameters(config);
        }
        return stored.tensors().values().stream().mapToDouble(TensorView::count).sum();
    }

    /** Whether a parameter is stored as [in, out]. */
    boolean transposed(String name) {
        return ParameterLayout.transposed(config, name);
    }

    /** A parameter as it is stored. */
    TensorView view(String name) {
        TensorView view = stored.find(name);
        if (view == null) {
            throw new IllegalStateException("names must be checked first; got no " + name);
        }
        return view;
    }

    private void check() {
        compressed.requireOf(folder, config);
        List<String> missing = shapes.keySet().stream()
                .filter(name -> !compressed(name) && stored.find(name) == null)
                .toList();
        if (!missing.isEmpty()) {
            throw new InputException(folder + ": a " + config.family().architecture() + " of " + config.layers()
                    + " layers must have all its tensors; missing " + listed(missing));
        }
        Set<TensorView> used = Collections.newSetFromMap(new IdentityHashMap<>());
        shapes.forEach((name, shape) -> {
            if (!compressed(name)) {
                TensorView view = view(name);
                used.add(view);
                checkTensor(view, transposed(name) ? shape.reversed() : shape);
            }
        });
        List<String> others = new ArrayList<>();
        stored.tensors().forEach((name, view) -> {
            if (!used.contains(view) && !harmless(name) && !compressed.owns(name)) {
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

    private static String listed(List<String> names) {
        String text = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
        return names.size() > SHOWN ? text + " and " + (names.size() - SHOWN) + " more" : text;
    }

    @Override
    public void close() {
        stored.close();
    }
}
