package dev.lapidary.app.command;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What runs a language model: PyTorch a Hugging Face folder, Lapidary's own runtime a packed or GGUF file. */
sealed interface LanguageEngine extends AutoCloseable permits TorchEngine, RuntimeEngine {
    /** The name in reports: {@code pytorch} or {@code lapidary-runtime}. */
    String name();

    /** Most tokens that the model sees at once. */
    int context();

    /** Continues a prompt; onText gets the text as it comes. */
    Generated generate(String prompt, GenerateOptions options, Consumer<String> onText, Cancellation cancellation);

    /**
     * Measures files as one text.
     *
     * @param context tokens in a window; null for the model's own
     */
    PerplexityResult perplexity(
            List<Path> texts,
            Protocol protocol,
            @Nullable Integer context,
            Progress progress,
            Cancellation cancellation);

    /** What was unusual about the texts of the last call. */
    List<String> warnings();

    /** Warns where a text spells out the begin token that the tokenizer puts before every text anyway. */
    static List<String> warnings(int[] tokens, OptionalInt begin) {
        boolean twice = tokens.length > 1
                && begin.isPresent()
                && tokens[0] == begin.getAsInt()
                && tokens[1] == begin.getAsInt();
        return twice
                ? List.of("the text begins with two begin tokens: the tokenizer puts one before every text, and the text"
                        + " spells one itself; leave it out of the text")
                : List.of();
    }

    @Override
    void close();
}
