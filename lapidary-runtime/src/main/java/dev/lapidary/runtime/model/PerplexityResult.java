package dev.lapidary.runtime.model;

/**
 * How well a model predicts a text.
 *
 * @param perplexity exp of the mean negative log-probability, in nats, of the scored tokens
 * @param protocol how the text was cut
 * @param context L, tokens in a window
 * @param tokens T, tokens of the text
 * @param scored tokens that count
 * @param windows number of windows
 * @param seconds wall-clock time of the measurement
 */
public record PerplexityResult(
        double perplexity, Protocol protocol, int context, long tokens, long scored, long windows, double seconds) {}
