package dev.lapidary.app.command;

import dev.lapidary.language.Corpus;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.model.Model;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a packed or GGUF file in pure Java. */
final class RuntimeEngine implements LanguageEngine {
    private final Model base;
    private final Model model; // the base, or its view under a mask
    private List<String> warnings = List.of();

    /**
     * Maps a file.
     *
     * @param mask a packed mask file that was made for it, or null
     */
    RuntimeEngine(Path file, @Nullable Path mask) {
        try {
            base = Model.open(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
        try {
            model = mask == null ? base : masked(mask);
        } catch (RuntimeException e) {
            base.close();
            throw e;
        }
    }

    private Model masked(Path mask) {
        try {
            return base.withMask(mask);
        } catch (IOException e) {
            throw new UncheckedIOException(mask + " cannot be read", e);
        }
    }

    @Override
    public String name() {
        return "lapidary-runtime";
    }

    @Override
    public int context() {
        return model.context();
    }

    @Override
    public Generated generate(
            String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation) {
        warnings = LanguageEngine.warnings(model.tokenizer().encode(prompt, cancellation), begin());
        return model.generate(prompt, options, onText, cancellation);
    }

    @Override
    public PerplexityResult perplexity(
            List<Path> texts,
            Protocol protocol,
            @Nullable Integer context,
            Progress progress,
            Cancellation cancellation) {
        int[] tokens = model.tokenizer().encode(Corpus.text(texts), cancellation);
        warnings = LanguageEngine.warnings(tokens, begin());
        return model.perplexity(
                tokens, protocol, context == null ? model.context() : context, begin(), progress, cancellation);
    }

    /** The token that stands before every text, where there is one. */
    private OptionalInt begin() {
        TextCodec tokenizer = model.tokenizer();
        return tokenizer.addsBos() ? tokenizer.bos() : OptionalInt.empty();
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public void close() {
        base.close();
    }
}
