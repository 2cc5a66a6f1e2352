package dev.lapidary.language;

import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;

/** Reads a model's parameters from a Hugging Face folder, or that of a compressed model, into PyTorch's memory. */
final class CheckpointReader {
    private CheckpointReader() {}

    static Weights read(Path folder, ModelConfig config) throws IOException {
        try (StoredModel stored = StoredModel.open(folder, config)) {
            ParameterLayout.requireMemory(folder.toString(), stored.numbers(), MemoryLimit.available());
            return weights(stored);
        }
    }

    private static Weights weights(StoredModel stored) {
        Weights weights = new Weights(stored.config());
        try {
            for (String name : stored.shapes().sequencedKeySet()) {
                try (var scope = TorchScope.open()) {
                    if (stored.compressed(name)) {
                        weights.add(name, stored.form(name));
                    } else {
                        weights.add(name, tensor(stored.view(name), stored.transposed(name)));
                    }
                }
            }
            return weights;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /** Copies a stored tensor to float32. */
    private static Tensor tensor(TensorView view, boolean transposed) {
        Tensor floats = Tensors.of(view);
        return transposed ? floats.t().contiguous() : floats;
    }
}
