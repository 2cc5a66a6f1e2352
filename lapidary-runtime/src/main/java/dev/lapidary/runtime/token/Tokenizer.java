package dev.lapidary.runtime.token;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.packed.PackedTokenizer;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Turns text into token ids and back. Immutable and safe for several threads.
 *
 * <p>Encoding takes time in proportion to the text, but for single words of thousands of letters, which take a logarithm more.
 */
public interface Tokenizer {
    /**
     * Reads a Hugging Face {@code tokenizer.json} of a byte-pair model: byte-level as GPT-2, Llama 3, Qwen and SmolLM have it, or
     * SentencePiece's as Llama 2, TinyLlama and Mistral have it. Its longest length and padding do not count.
     *
     * @throws InputException that names what is not supported or malformed
     */
    static Tokenizer fromJson(byte[] tokenizerJson) {
        return TokenizerReader.read(tokenizerJson, null);
    }

    /**
     * Reads a {@code tokenizer.json} whose model says which tokens begin and end a text.
     *
     * @throws InputException that names what is not supported or malformed
     */
    static Tokenizer fromJson(byte[] tokenizerJson, SpecialTokens special) {
        return TokenizerReader.read(tokenizerJson, special);
    }

    /**
     * Reads the tokenizer that a packed file carries.
     *
     * @throws InputException that names what is not supported or malformed
     */
    static Tokenizer of(PackedTokenizer packed) {
        return fromJson(packed.json(), new SpecialTokens(packed.bos(), packed.eos(), packed.ends(), packed.addsBos()));
    }

    /**
     * Returns the ids of a text with the tokens that stand before every text (Llama: the beginning, once). What a tokenizer would
     * put behind is left out: the text goes on. Half a surrogate pair counts as U+FFFD.
     */
    int[] encode(String text);

    /**
     * Returns the ids as {@link #encode(String)} does, and ends early where it is cancelled, which matters where an expression of
     * the file takes very long to match.
     *
     * @throws java.util.concurrent.CancellationException where it is cancelled
     */
    default int[] encode(String text, Cancellation cancellation) {
        return CountedText.hearing(cancellation, () -> encode(text));
    }

    /** Returns the ids as {@link #encodePlain(String)} does, and ends early where it is cancelled. */
    default int[] encodePlain(String text, Cancellation cancellation) {
        return CountedText.hearing(cancellation, () -> encodePlain(text));
    }

    /** Returns the ids of a text without special tokens, but for those that the text itself spells out. */
    int[] encodePlain(String text);

    /**
     * Returns the text of ids; bytes that are no UTF-8 become U+FFFD, unknown ids nothing.
     *
     * @param skipSpecial whether special tokens are left out
     */
    String decode(int[] ids, boolean skipSpecial);

    /** Returns how many ids there are: the largest and one. */
    int vocabulary();

    /** Returns the id that begins a text. */
    OptionalInt bos();

    /** Returns the id that ends a text, the first where there are several. */
    OptionalInt eos();

    /** Whether {@link #encode} puts tokens before the text. */
    boolean addsBos();

    /** Returns all ids that end a text. */
    Set<Integer> ends();

    /** Returns the {@code tokenizer.json} of this tokenizer. */
    byte[] toJson();
}
