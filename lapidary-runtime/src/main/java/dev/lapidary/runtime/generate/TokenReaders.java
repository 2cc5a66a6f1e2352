package dev.lapidary.runtime.generate;

/** What opens a reader for each text: a language model. */
public interface TokenReaders {
    /** Returns the number of token ids, each with a logit. */
    int vocabulary();

    /** Returns the most tokens of a text. */
    int context();

    /** Opens a reader, which the caller closes, for so many tokens. */
    TokenReader open(int capacity);
}
