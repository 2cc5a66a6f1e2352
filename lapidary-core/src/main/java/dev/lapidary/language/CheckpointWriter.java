package dev.lapidary.language;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes a model as a Hugging Face folder, in shards where one file would be too large. */
final class CheckpointWriter {
    private static final long SHARD = 5_000_000_000L; // bytes, the transformers library's size
    private static final Map<String, String> METADATA = Map.of("format", "pt"); // transformers asks for it

    private final Path folder;
    private final ModelConfig config;
    private final DType type;
    private final long shard;

    CheckpointWriter(Path folder, ModelConfig config, DType type) {
        this(folder, config, type, SHARD);
    }

    CheckpointWriter(Path folder, ModelConfig config, DType type, long shard) {
        this.folder = folder;
        this.config = config;
        this.type = type;
        this.shard = shard;
    }

    void write(SequencedMap<String, Tensor> parameters) throws IOException {
        AtomicFiles.writeString(folder.resolve(ConfigJson.FILE), ConfigJson.write(config, typeName(type)));
        List<List<String>> shards = shards(parameters);
        if (shards.size() == 1) {
            writeFile(StoredWeights.FILE, shards.getFirst(), parameters);
            return;
        }
        ObjectNode index = JsonMapper.shared().createObjectNode();
        long total = parameters.values().stream().mapToLong(this::bytes).sum();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writeFile(name, shards.get(i), parameters);
            shards.get(i).forEach(tensor -> map.put(tensor, name));
        }
        AtomicFiles.writeString(
                folder.resolve(StoredWeights.INDEX),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(index) + "\n");
    }

    private long bytes(Tensor tensor) {
        return tensor.numel() * type.bytes();
    }

    /** Parameters in order, as many a shard as fit. */
    private List<List<String>> shards(SequencedMap<String, Tensor> parameters) {
        List<List<String>> shards = new ArrayList<>();
        shards.add(new ArrayList<>());
        long filled = 0;
        for (Map.Entry<String, Tensor> entry : parameters.entrySet()) {
            long bytes = bytes(entry.getValue());
            if (filled > 0 && filled + bytes > shard) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(entry.getKey());
            filled += bytes;
        }
        return shards;
    }

    private void writeFile(String file, List<String> names, Map<String, Tensor> parameters) throws IOException {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            List<TensorView> views = new ArrayList<>();
            for (String name : names) {
                Tensor value = Objects.requireNonNull(parameters.get(name));
                Tensor stored = ParameterLayout.transposed(config, name) ? value.t() : value;
                views.add(Tensors.view(name, stored, type));
            }
            SafetensorsWriter.write(folder.resolve(file), views, METADATA);
        }
    }

    /** A type as config.json and PyTorch name it. */
    static String typeName(DType type) {
        return switch (type) {
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            default -> throw new IllegalArgumentException("weights must be stored as F32, F16 or BF16; got " + type);
        };
    }
}
