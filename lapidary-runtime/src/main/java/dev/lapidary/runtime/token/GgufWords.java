package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How a byte-level tokenizer of a GGUF file cuts words, under the names of {@code tokenizer.ggml.pre}. */
enum GgufWords {
    /** GPT-2's pattern. */
    GPT2(false, false, List.of(WordPattern.GPT2), "gpt-2", "phi-2", "mpt", "olmo", "jais", "roberta-bpe"),
    /** Llama 3's pattern; a word that is a token is not merged, and texts begin with the beginning. */
    LLAMA3(true, true, List.of(WordPattern.LLAMA3), "llama-bpe", "llama3", "llama-v3", "falcon3"),
    /** Qwen2's pattern, on text in Unicode's form NFC as Qwen's own tokenizer has it. */
    QWEN2(false, false, List.of(WordPattern.QWEN2), "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2"),
    /** Single digits, then GPT-2's pattern. */
    SMOLLM(
            false,
            false,
            List.of("\\p{N}", WordPattern.GPT2),
            "smollm",
            "starcoder",
            "refact",
            "command-r",
            "codeshell"),
    /** Mistral's pattern for its byte-level models. */
    TEKKEN(
            true,
            true,
            List.of("[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
            "tekken"),
    /** What llama.cpp does where a file does not say. */
    DEFAULT(
            false,
            false,
            List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", WordPattern.GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),
            "default");

    private final boolean wholeWords;
    private final boolean addsBos;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> patterns;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> names;

    GgufWords(boolean wholeWords, boolean addsBos, List<String> patterns, String... names) {
        this.wholeWords = wholeWords;
        this.addsBos = addsBos;
        this.patterns = patterns;
        this.names = List.of(names);
    }

    static GgufWords of(String where, String name) {
        for (GgufWords words : values()) {
            if (words.names.contains(name)) {
                return words;
            }
        }
        String known = Arrays.stream(values()).flatMap(GgufWords::names).collect(Collectors.joining(", "));
        throw new InputException(where + ": tokenizer.ggml.pre must be one of " + known + "; got " + name);
    }

    private Stream<String> names() {
        return names.stream();
    }

    /** Returns the name under which it is written. */
    String id() {
        return names.getFirst();
    }

    /** Whether a word that is a token is not merged. */
    boolean wholeWords() {
        return wholeWords;
    }

    /** Whether a text begins with the beginning where the file does not say. */
    boolean addsBos() {
        return addsBos;
    }

    /** Returns the patterns whose matches cut, one after the other. */
    List<String> patterns() {
        return patterns;
    }

    /** Whether text is brought to the form NFC first. */
    boolean composes() {
        return this == QWEN2;
    }
}
