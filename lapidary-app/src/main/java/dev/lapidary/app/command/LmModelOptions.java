package dev.lapidary.app.command;

import dev.lapidary.language.ConfigJson;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.MaskFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which language model runs, and with which mask. */
final class LmModelOptions {
    /** What computes the model. */
    static final String ENGINE = "pytorch";

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A Hugging Face folder: config.json, model.safetensors or shards, tokenizer.json.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(names = "--mask", paramLabel = "DIR", description = "A mask of this model, applied to it.")
    private @Nullable Path mask;

    ModelConfig config() {
        return ConfigJson.read(model);
    }

    /** Opens the tokenizer and refuses one that the model has no rows for, before the weights are read. */
    TextTokenizer tokenizer(ModelConfig config) {
        TextTokenizer tokenizer = TextTokenizer.open(model);
        try {
            tokenizer.requireFits(config.vocabulary());
            return tokenizer;
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Opens the model, masked where a mask was given. */
    LanguageModel open() {
        LanguageModel opened;
        try {
            opened = LanguageModel.open(model);
        } catch (IOException e) {
            throw new UncheckedIOException(model + " cannot be read", e);
        }
        try {
            if (mask != null) {
                MaskFolder.open(mask).applyTo(opened);
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }
}
