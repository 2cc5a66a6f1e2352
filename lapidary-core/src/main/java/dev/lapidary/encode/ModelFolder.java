package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the parts of a sentence encoder lie that was exported to ONNX in the Hugging Face layout, and what its settings say.
 *
 * @param model onnx/model.onnx, else model.onnx
 * @param tokenizer tokenizer.json
 * @param maxTokens from sentence_bert_config.json, else tokenizer_config.json, else config.json, else 512
 * @param pooling from 1_Pooling/config.json, else the mean
 * @param normalise whether modules.json has a Normalize step; true where there is no modules.json
 * @param width from 1_Pooling/config.json or config.json; empty where neither says it
 */
record ModelFolder(
        String name, Path model, Path tokenizer, int maxTokens, Pooling pooling, boolean normalise, OptionalInt width) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int DEFAULT_TOKENS = 512; // position embeddings of BERT
    private static final int LARGEST_TOKENS = 1 << 17; // tokenizer_config.json writes 1e30 for "unknown"
    private static final int LARGEST_WIDTH = 1 << 16;

    /** Reads the settings and checks that the files are there. */
    static ModelFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    folder + ": an encoder must be a folder with onnx/model.onnx and tokenizer.json; got "
                            + (Files.exists(folder) ? "a file" : "nothing at this path"));
        }
        List<String> missing = new ArrayList<>();
        Path model = folder.resolve("onnx/model.onnx");
        if (!Files.isRegularFile(model)) {
            model = folder.resolve("model.onnx");
        }
        if (!Files.isRegularFile(model)) {
            missing.add("onnx/model.onnx (or model.onnx)");
        }
        Path tokenizer = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(tokenizer)) {
            missing.add("tokenizer.json");
        }
        if (!missing.isEmpty()) {
            throw new InputException(
                    folder + ": an encoder must have onnx/model.onnx and tokenizer.json; got a folder without "
                            + String.join(" and ", missing));
        }
        Path absolute = folder.toAbsolutePath().normalize();
        Path last = absolute.getFileName();
        return new ModelFolder(
                last == null ? absolute.toString() : last.toString(),
                model,
                tokenizer,
                maxTokens(folder),
                pooling(folder),
                normalise(folder),
                width(folder));
    }

    private static int maxTokens(Path folder) {
        OptionalInt found = number(folder, "sentence_bert_config.json", "max_seq_length", LARGEST_TOKENS);
        if (found.isEmpty()) {
            found = number(folder, "tokenizer_config.json", "model_max_length", LARGEST_TOKENS);
        }
        if (found.isEmpty()) {
            found = number(folder, "config.json", "max_position_embeddings", LARGEST_TOKENS);
        }
        return found.orElse(DEFAULT_TOKENS);
    }

    private static OptionalInt width(Path folder) {
        OptionalInt found = number(folder, "1_Pooling/config.json", "word_embedding_dimension", LARGEST_WIDTH);
        return found.isPresent() ? found : number(folder, "config.json", "hidden_size", LARGEST_WIDTH);
    }

    private static Pooling pooling(Path folder) {
        Optional<JsonNode> config = json(folder, "1_Pooling/config.json");
        if (config.isEmpty()) {
            return Pooling.MEAN;
        }
        List<String> modes = new ArrayList<>();
        config.get().properties().forEach(entry -> {
            if (entry.getKey().startsWith("pooling_mode_") && entry.getValue().asBoolean(false)) {
                modes.add(entry.getKey());
            }
        });
        return switch (String.join(",", modes)) {
            case "pooling_mode_mean_tokens" -> Pooling.MEAN;
            case "pooling_mode_cls_token" -> Pooling.CLS;
            case "pooling_mode_max_tokens" -> Pooling.MAX;
            default ->
                throw new InputException(folder.resolve("1_Pooling/config.json")
                        + ": must have exactly one of pooling_mode_mean_tokens, pooling_mode_cls_token and"
                        + " pooling_mode_max_tokens; got " + modes);
        };
    }

    private static boolean normalise(Path folder) {
        Optional<JsonNode> modules = json(folder, "modules.json");
        if (modules.isEmpty()) {
            return true;
        }
        for (JsonNode module : modules.get()) {
            if (module.path("type").asString("").endsWith("Normalize")) {
                return true;
            }
        }
        return false;
    }

    private static OptionalInt number(Path folder, String file, String field, int largest) {
        JsonNode node = json(folder, file).map(root -> root.path(field)).orElse(null);
        if (node == null || !node.isNumber()) {
            return OptionalInt.empty();
        }
        double value = node.asDouble();
        return value >= 1 && value <= largest ? OptionalInt.of((int) value) : OptionalInt.empty();
    }

    private static Optional<JsonNode> json(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readTree(Files.readAllBytes(file)));
        } catch (JacksonException e) {
            throw new InputException(file + ": must be JSON; got " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
