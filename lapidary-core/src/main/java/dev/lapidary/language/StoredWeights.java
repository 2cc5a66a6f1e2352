package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tensors of a folder's one safetensors file, of the shards that its index names, or of the file of a compressed model; memory mapped
 * until closed.
 */
final class StoredWeights implements AutoCloseable {
    static final String FILE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private final List<TensorFile> files = new ArrayList<>();
    private final Map<String, TensorView> tensors = new LinkedHashMap<>();
    private CompressedLayers compressed = CompressedLayers.none();

    private StoredWeights() {}

    static StoredWeights open(Path folder) throws IOException {
        StoredWeights stored = new StoredWeights();
        try {
            Path index = folder.resolve(INDEX);
            if (Files.exists(folder.resolve(FILE))) {
                stored.tensors.putAll(stored.file(folder.resolve(FILE)).tensors());
            } else if (Files.exists(index)) {
                stored.shards(folder, index);
            } else if (Files.exists(folder.resolve(CompressedCheckpoint.TENSORS))) {
                stored.tensors.putAll(stored.file(folder.resolve(CompressedCheckpoint.TENSORS))
                        .tensors());
                stored.compressed = CompressedLayers.read(folder);
            } else {
                throw new InputException(folder + ": a model folder must have " + FILE + " or " + INDEX + "; got "
                        + (Files.exists(folder.resolve("pytorch_model.bin")) ? "pytorch_model.bin only" : "neither"));
            }
            return stored;
        } catch (IOException | RuntimeException | Error e) {
            stored.close();
            throw e;
        }
    }

    private TensorFile file(Path path) throws IOException {
        TensorFile file = TensorFile.open(path);
        files.add(file);
        return file;
    }

    private void shards(Path folder, Path index) throws IOException {
        JsonNode map = ConfigJson.object(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new InputException(index + ": weight_map must name a shard for each tensor; got "
                    + (map.isMissingNode() ? "none" : map.isEmpty() ? "an empty one" : map.getNodeType()));
        }
        Map<String, TensorFile> opened = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = shardName(index, entry.getKey(), entry.getValue());
            TensorFile file = opened.get(shard);
            if (file == null) {
                if (!Files.isRegularFile(folder.resolve(shard))) {
                    throw new InputException(index + ": every shard must be in the folder; got none named " + shard);
                }
                file = file(folder.resolve(shard));
                opened.put(shard, file);
            }
            TensorView view = file.tensors().get(entry.getKey());
            if (view == null) {
                throw new InputException(
                        index + ": shard " + shard + " must hold " + entry.getKey() + "; got one without it");
            }
            tensors.put(entry.getKey(), view);
        }
    }

    private static String shardName(Path index, String tensor, JsonNode value) {
        String name = value.asString("");
        boolean plain = name.endsWith(".safetensors")
                && name.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0));
        if (!plain || name.startsWith(".") || name.contains("..")) {
            throw new InputException(index + ": the shard of " + tensor
                    + " must be the name of a .safetensors file in the folder; got " + value);
        }
        return name;
    }

    Map<String, TensorView> tensors() {
        return tensors;
    }

    /** The linear layers that are stored in other forms than as a matrix. */
    CompressedLayers compressed() {
        return compressed;
    }

    /** The type of all tensors, F32 where they differ. */
    DType type() {
        List<DType> types =
                tensors.values().stream().map(TensorView::dtype).distinct().toList();
        return types.size() == 1 ? types.getFirst() : DType.F32;
    }

    /** The tensor of a parameter's name, or of that name without the prefix that base models leave out. */
    @Nullable
    TensorView find(String name) {
        TensorView view = tensors.get(name);
        return view != null ? view : tensors.get(withoutPrefix(name));
    }

    private static String withoutPrefix(String name) {
        for (String prefix : List.of("model.", "transformer.")) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    @Override
    public void close() {
        files.forEach(TensorFile::close);
        files.clear();
    }
}
