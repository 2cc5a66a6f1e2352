package dev.lapidary.runtime.generate;

import dev.lapidary.runtime.Cancellation;

/** Reads one text token by token and says what may follow; keeps what it has read, so that each further token costs one position. */
public interface TokenReader extends AutoCloseable {
    /** Returns how many tokens can be held. */
    int capacity();

    /** Returns how many tokens are held. */
    int length();

    /** Forgets the tokens from a position on. */
    void truncate(int positions);

    /**
     * Reads the next tokens, at least one and at most as many as there is room for.
     *
     * @return the logits [vocabulary] of what follows the last of them, valid until the next call
     */
    float[] read(int[] tokens, Cancellation cancellation);

    /** Frees what is kept. */
    @Override
    void close();
}
