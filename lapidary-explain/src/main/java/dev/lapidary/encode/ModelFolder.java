package dev.lapidary.encode;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Where the parts of a text encoder lie that was exported to ONNX in the Hugging Face layout, and what its settings say.
 *
 * @param model onnx/model.onnx, else model.onnx
 * @param tokenizer tokenizer.json
 * @param maxTokens from sentence_bert_config.json, else tokenizer_config.json, else config.json, else 512
 * @param output sentence_embedding, else tokens pooled as 1_Pooling/config.json says, else by their mean
 * @param normalise whether modules.json has a Normalize step; true where there is no modules.json
 * @param width from 1_Pooling/config.json or config.json; empty where neither says it
 * @param padding empty where texts are never padded
 */
record ModelFolder(
        String name,
        Path model,
        Path tokenizer,
        int maxTokens,
        EmbeddingOutput output,
        boolean normalise,
        OptionalInt width,
        Optional<Padding> padding) {
    /** File name of a network that is not divided into sides. */
    static final String MODEL = "model.onnx";

    static final int LARGEST_TOKENS = 1 << 17; // tokenizer_config.json writes 1e30 for "unknown"
    static final int LARGEST_WIDTH = 1 << 16;
    private static final int DEFAULT_TOKENS = 512; // position embeddings of BERT

    /** Reads the settings of a sentence encoder and checks that the files are there. */
    static ModelFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    folder + ": an encoder must be a folder with onnx/model.onnx and tokenizer.json; got "
                            + (Files.exists(folder) ? "a file" : "nothing at this path"));
        }
        List<String> missing = new ArrayList<>();
        Optional<Path> model = onnx(folder, MODEL);
        if (model.isEmpty()) {
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
        FolderJson files = new FolderJson(folder);
        return new ModelFolder(
                name(folder),
                model.orElseThrow(),
                tokenizer,
                maxTokens(files),
                new EmbeddingOutput("sentence_embedding", Optional.of(pooling(files))),
                normalise(files),
                width(files),
                Optional.empty());
    }

    /** Where a network lies: in onnx/, else in the folder itself. */
    static Optional<Path> onnx(Path folder, String name) {
        return Stream.of(folder.resolve("onnx").resolve(name), folder.resolve(name))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** The name of a folder for people. */
    static String name(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path last = absolute.getFileName();
        return last == null ? absolute.toString() : last.toString();
    }

    /** What beside the files determines embeddings, for a digest. */
    List<String> settings() {
        return List.of(
                Integer.toString(maxTokens),
                output.pooling().map(Pooling::name).orElse(output.pooled()),
                Boolean.toString(normalise));
    }

    private static int maxTokens(FolderJson files) {
        OptionalInt found = files.number("sentence_bert_config.json", "max_seq_length", LARGEST_TOKENS);
        if (found.isEmpty()) {
            found = files.number("tokenizer_config.json", "model_max_length", LARGEST_TOKENS);
        }
        if (found.isEmpty()) {
            found = files.number("config.json", "max_position_embeddings", LARGEST_TOKENS);
        }
        return found.orElse(DEFAULT_TOKENS);
    }

    private static OptionalInt width(FolderJson files) {
        OptionalInt found = files.number("1_Pooling/config.json", "word_embedding_dimension", LARGEST_WIDTH);
        return found.isPresent() ? found : files.number("config.json", "hidden_size", LARGEST_WIDTH);
    }

    private static Pooling pooling(FolderJson files) {
        Optional<JsonNode> config = files.read("1_Pooling/config.json");
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
                throw new InputException(files.folder().resolve("1_Pooling/config.json")
                        + ": must have exactly one of pooling_mode_mean_tokens, pooling_mode_cls_token and"
                        + " pooling_mode_max_tokens; got " + modes);
        };
    }

    private static boolean normalise(FolderJson files) {
        Optional<JsonNode> modules = files.read("modules.json");
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
}
