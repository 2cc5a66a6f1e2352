package dev.lapidary.app.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which language model runs, and with which mask. */
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

    @Option(
            names = "--mask",
            paramLabel = "PATH",
            description =
                    "A mask of this model, applied to it: a folder for a folder, a packed mask file for a packed file.")
    private @Nullable Path mask;

    /** Opens the model, whose weights may be read later. */
    LanguageEngine open() {
        return Files.isRegularFile(model) ? new RuntimeEngine(model, mask) : new TorchEngine(model, mask);
    }
}
