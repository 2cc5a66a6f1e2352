package dev.lapidary.language;

import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Reads a model's parameters from a Hugging Face folder into PyTorch's memory. */
final class CheckpointReader {
    private CheckpointReader() {}

    static Weights read(Path folder, ModelConfig config) throws IOException {
        try (StoredModel stored = StoredModel.open(folder, config)) {
            ParameterLayout.requireMemory(folder.toString(), config, MemoryLimit.available());
            return weights(stored);
        }
    }

    private static Weights weights(StoredModel stored) {
        Weights weights = new Weights();
        try {
            for (String name : stored.shapes().sequencedKeySet()) {
                try (var scope = TorchScope.open()) {
                    weights.add(name, tensor(stored.view(name), stored.transposed(name)));
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
        long[] sizes = view.shape().stream().mapToLong(Long::longValue).toArray();
        ScalarType type = switch (view.dtype()) {
            case F32 -> ScalarType.Float;
            case F16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            default -> throw new IllegalStateException("types must be checked first; got " + view.dtype());
        };
        Tensor copy = torch.empty(sizes, new TensorOptions(type), new MemoryFormatOptional());
        Tensors.segment(copy).copyFrom(view.data());
        Tensor floats = copy.to(ScalarType.Float);
        return transposed ? floats.t().contiguous() : floats;
    }
}
