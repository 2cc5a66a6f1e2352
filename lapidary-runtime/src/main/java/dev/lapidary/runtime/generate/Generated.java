package dev.lapidary.runtime.generate;

/**
 * A continued text.
 *
 * @param text the continuation
 * @param promptTokens tokens of the prompt
 * @param tokens tokens generated, the one that ended the text included
 * @param finish why it ended
 * @param restarts how often the context was full, so that its older half was forgotten and the newer read again
 * @param seconds wall-clock time, the prompt's included
 */
public record Generated(String text, int promptTokens, int tokens, Finish finish, int restarts, double seconds) {
    /** Why a continuation ended. */
    public enum Finish {
        /** As many tokens as asked for. */
        LENGTH,
        /** The model ended the text. */
        END,
        /** A stop text came. */
        STOP
    }

    /** Returns tokens by seconds. */
    public double tokensPerSecond() {
        return seconds > 0 ? tokens / seconds : 0;
    }
}
