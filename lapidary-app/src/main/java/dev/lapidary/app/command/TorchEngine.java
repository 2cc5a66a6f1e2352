package dev.lapidary.app.command;

import dev.lapidary.language.ConfigJson;
import dev.lapidary.language.Corpus;
import dev.lapidary.language.Generator;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.Perplexity;
import dev.lapidary.language.TextTokenizer;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.model.TextWindows;
import dev.lapidary.sparsity.MaskFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a Hugging Face folder on PyTorch; weights are read once all else is known to be right. */
final class TorchEngine implements LanguageEngine {
    private final Path folder;
    private final @Nullable Path mask;
    private final ModelConfig config;
    private final TextTokenizer tokenizer;
    private List<String> warnings = List.of();

    /**
     * Reads all but the weights.
     *
     * @param mask folder of a mask of this model, or null
     */
    TorchEngine(Path folder, @Nullable Path mask) {
        this.folder = folder;
        this.mask = mask;
        config = ConfigJson.read(folder);
        tokenizer = TextTokenizer.open(folder);
        try {
            tokenizer.requireFits(config.vocabulary());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public int context() {
        return config.context();
    }

    @Override
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        warnings = LanguageEngine.warnings(tokenizer.encode(prompt, cancellation), begin());
        try (LanguageModel model = open()) {
            return new Generator(model, tokenizer).generate(prompt, options, onText, cancellation);
        }
    }

    @Override
    public PerplexityResult perplexity(
            List<Path> texts,
            Protocol protocol,
            @Nullable Integer context,
            Progress progress,
            Cancellation cancellation) {
        int length = context == null ? config.context() : context;
        Corpus corpus = Corpus.read(texts, tokenizer, config.vocabulary(), cancellation);
        TextWindows.require(config, corpus.tokens(), protocol, length);
        warnings = LanguageEngine.warnings(corpus.tokens(), begin());
        try (LanguageModel model = open()) {
            return Perplexity.measure(model, corpus.tokens(), protocol, length, begin(), progress, cancellation);
        }
    }

    /** The token that stands before every text, where there is one. */
    private OptionalInt begin() {
        return tokenizer.addsBos() ? tokenizer.bos() : OptionalInt.empty();
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    private LanguageModel open() {
        LanguageModel opened;
        try {
            opened = LanguageModel.open(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be read", e);
        }
        try {
            if (mask != null) {
                MaskFolder.read(mask).applyTo(opened);
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
