package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.Locale;

/**
 * How a text is cut into windows of L tokens for perplexity; values of different protocols are not comparable. T is the number of
 * tokens.
 */
public enum Protocol {
    /** ⌊T/L⌋ disjoint windows, the rest dropped; each scores its L − 1 last tokens. Published tables of pruned models use it. */
    HF,

    /**
     * ⌈(T − 1)/L⌉ disjoint windows, each of which scores L tokens: its own but for the first, and the one behind it. The last one
     * may be shorter, where Megatron pads and masks it, which is the same; all tokens but the text's first are scored, once.
     */
    MEGATRON,

    /**
     * ⌊T/L⌋ disjoint windows, the rest dropped; the first token of each is replaced by the beginning-of-text token where the
     * tokenizer adds one, and only the second half is scored: L − ⌊L/2⌋ − 1 tokens.
     */
    LLAMACPP;

    /** Reads hf, megatron or llamacpp. */
    public static Protocol parse(String name) {
        for (Protocol protocol : values()) {
            if (protocol.toString().equals(name.toLowerCase(Locale.ROOT))) {
                return protocol;
            }
        }
        throw new InputException("a protocol must be hf, megatron or llamacpp; got " + name);
    }

    /** Returns the name as it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
