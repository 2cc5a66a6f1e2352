package dev.lapidary.app.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which language model runs. */
final class LmModelOptions {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "PATH",
            description =
                    "A Hugging Face folder (config.json, model.safetensors or shards, tokenizer.json), which PyTorch "
                            + "runs, or a file of `lapidary lm pack` or a GGUF file, which Lapidary's own runtime runs.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    /**
     * Opens the model, whose weights may be read later.
     *
     * @param mask of this model, a folder for a folder and a packed mask file for a packed file, or null
     */
    LanguageEngine open(@Nullable Path mask) {
        return Files.isRegularFile(model) ? new RuntimeEngine(model, mask) : new TorchEngine(model, mask);
    }
}
