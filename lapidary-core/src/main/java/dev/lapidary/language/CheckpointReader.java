package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.DType;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.file.TensorView;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Reads a model's parameters from a Hugging Face folder, after it has checked that names, shapes and types are the model's. */
final class CheckpointReader {
    private static final int SHOWN = 6; // names in a message

    private final Path folder;
    private final ModelConfig config;

    private CheckpointReader(Path folder, ModelConfig config) {
        this.folder = folder;
        this.config = config;
    }

    static Weights read(Path folder, ModelConfig config) throws IOException {
        try (StoredWeights stored = StoredWeights.open(folder)) {
            return new CheckpointReader(folder, config).weights(stored);
        }
    }

    private Weights weights(StoredWeights stored) {
        SequencedMap<String, List<Long>> shapes = ParameterLayout.shapes(config);
        CompressedLayers compressed = stored.compressed();
        compressed.requireOf(folder, config);
        check(stored, shapes);
        requireMemory(stored);
        Weights weights = new Weights(config);
        try {
            for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
                String name = entry.getKey();
                try (var scope = TorchScope.open()) {
                    if (compressed.has(name)) {
                        weights.add(name, compressed.form(folder, name, entry.getValue(), stored.tensors()));
                    } else {
                        weights.add(name, tensor(require(stored, name), ParameterLayout.transposed(config, name)));
                    }
                }
            }
            return weights;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private void requireMemory(StoredWeights stored) {
        if (stored.compressed().isEmpty()) {
            ParameterLayout.requireMemory(folder.toString(), config, MemoryLimit.available());
        } else {
            double numbers = stored.tensors().values().stream()
                    .mapToDouble(TensorView::count)
                    .sum();
            ParameterLayout.requireMemory(folder.toString(), numbers, MemoryLimit.available());
        }
    }

    private void check(StoredWeights stored, SequencedMap<String, List<Long>> shapes) {
        CompressedLayers compressed = stored.compressed();
        List<String> missing = shapes.keySet().stream()
                .filter(n -> !compressed.has(n) && stored.find(n) == null)
                .toList();
        if (!missing.isEmpty()) {
            throw new InputException(folder + ": a " + config.family().architecture() + " of " + config.layers()
                    + " layers must have all its tensors; missing " + listed(missing));
        }
        Set<TensorView> used = Collections.newSetFromMap(new IdentityHashMap<>());
        shapes.forEach((name, shape) -> {
            if (!compressed.has(name)) {
                TensorView view = require(stored, name);
                used.add(view);
                checkTensor(view, ParameterLayout.transposed(config, name) ? shape.reversed() : shape);
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

    /** Copies a stored tensor to float32. */
    private static Tensor tensor(TensorView view, boolean transposed) {
        Tensor floats = Tensors.of(view);
        return transposed ? floats.t().contiguous() : floats;
    }
}
