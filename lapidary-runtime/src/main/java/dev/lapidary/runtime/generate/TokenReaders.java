package dev.lapidary.runtime.generate;

/** What opens a reader for each text: a language model. */
public interface TokenReaders {
    /** Returns the number of token ids, each with a logit. */
    int vocabulary();

    /** Returns the most tokens of a text. */
    int context();

    /** Opens a reader for {@code capacity} tokens; the caller closes it. */
    TokenReader open(int capacity);
}
