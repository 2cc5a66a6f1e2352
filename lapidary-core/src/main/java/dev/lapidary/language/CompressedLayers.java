package dev.lapidary.language;

import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.LinearKind;
import dev.lapidary.linear.StoredLinear;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which linear weights of a compressed folder are stored in which form, as its {@value AtomicFiles#MARKER} says; all others are stored as
 * in an ordinary checkpoint.
 *
 * @param layers by the name of the weight
 */
record CompressedLayers(SequencedMap<String, Layer> layers) {
    private static final int VERSION = 1;
    private static final JsonMapper JSON = JsonMapper.shared();

    CompressedLayers {
        layers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(layers));
    }

    /** What the manifest says of a layer; the meaning of the settings is the kind's. */
    record Layer(String kind, SortedMap<String, String> settings) {
        static Layer of(StoredLinear stored) {
            return new Layer(stored.kind(), stored.settings());
        }
    }

    static CompressedLayers none() {
        return new CompressedLayers(new LinkedHashMap<>());
    }

    boolean isEmpty() {
        return layers.isEmpty();
    }

    /** Whether a linear weight is stored in another form than as a matrix. */
    boolean has(String weight) {
        return layers.containsKey(weight);
    }

    /** Refuses a linear weight that is stored in another form than as a matrix. */
    void requireDense(String weight) {
        Layer layer = layers.get(weight);
        if (layer != null) {
            throw notDense(weight, layer.kind());
        }
    }

    /** Returns the refusal of a linear weight in another form where a matrix is needed. */
    static InputException notDense(String weight, String kind) {
        return new InputException("the model must hold " + weight + " as a dense weight; got a " + kind
                + " one (write the model with dense weights first)");
    }

    /** Whether a tensor of the file belongs to such a form. */
    boolean owns(String tensor) {
        return layers.keySet().stream().anyMatch(weight -> isPart(weight, tensor));
    }

    private static boolean isPart(String weight, String tensor) {
        String layer = Weights.layer(weight);
        return tensor.startsWith(layer) && !tensor.equals(layer + "bias");
    }

    String toJson(DType type) {
        ObjectNode root = JSON.createObjectNode();
        root.put("format", CompressedCheckpoint.FORMAT);
        root.put("version", VERSION);
        root.put("type", type.name());
        ObjectNode named = root.putObject("layers");
        layers.forEach((weight, layer) -> {
            ObjectNode object = named.putObject(weight).put("kind", layer.kind());
            layer.settings().forEach(object.putObject("settings")::put);
        });
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    /**
     * Reads the manifest of a folder.
     *
     * @throws InputException where there is none, or it is malformed or of another version
     */
    static CompressedLayers read(Path folder) {
        Path file = folder.resolve(AtomicFiles.MARKER);
        if (!Files.isRegularFile(file)) {
            throw new InputException(
                    folder + ": the folder of a compressed model must hold " + AtomicFiles.MARKER + "; got none");
        }
        JsonNode root = ConfigJson.object(file);
        String format = root.path("format").asString("");
        if (!format.equals(CompressedCheckpoint.FORMAT) || root.path("version").asInt(0) != VERSION) {
            throw new InputException(file + ": format must be " + CompressedCheckpoint.FORMAT + " version " + VERSION
                    + "; got " + format + " version " + root.path("version"));
        }
        SequencedMap<String, Layer> layers = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.path("layers").properties()) {
            SortedMap<String, String> settings = new TreeMap<>();
            entry.getValue()
                    .path("settings")
                    .properties()
                    .forEach(setting ->
                            settings.put(setting.getKey(), setting.getValue().asString("")));
            layers.put(entry.getKey(), new Layer(entry.getValue().path("kind").asString(""), settings));
        }
        return new CompressedLayers(layers);
    }

    /** Refuses layers that are no linear weights of the model's blocks. */
    void requireOf(Path folder, ModelConfig config) {
        List<String> linear = IntStream.range(0, config.layers())
                .mapToObj(block -> ParameterLayout.prunable(config, block))
                .flatMap(List::stream)
                .toList();
        for (String weight : layers.keySet()) {
            if (!linear.contains(weight)) {
                throw new InputException(folder + ": " + AtomicFiles.MARKER
                        + " must name linear weights of the blocks that config.json describes; got " + weight);
            }
        }
    }

    /**
     * Reads the form of a weight.
     *
     * @param shape of the weight [out, in]
     * @param tensors of the whole file
     */
    LinearForm form(Path folder, String weight, List<Long> shape, Map<String, TensorView> tensors) {
        Layer layer = layers.get(weight);
        if (layer == null) {
            throw new IllegalArgumentException("a weight in another form must be named; got " + weight);
        }
        SequencedMap<String, TensorView> own = new LinkedHashMap<>();
        tensors.forEach((name, view) -> {
            if (isPart(weight, name)) {
                own.put(name.substring(Weights.layer(weight).length()), view);
            }
        });
        try {
            return LinearKind.of(layer.kind())
                    .read(new StoredLinear(layer.kind(), shape.get(0), shape.get(1), layer.settings(), own));
        } catch (InputException bad) {
            throw new InputException(folder + ": " + weight + ": " + bad.getMessage(), bad);
        } catch (NoClassDefFoundError missing) {
            throw new InputException(
                    folder + ": PyTorch must be on the class path to read " + weight + ", a " + layer.kind()
                            + " layer; got " + missing.getMessage(),
                    missing);
        }
    }
}
