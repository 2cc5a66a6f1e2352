package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import java.util.OptionalInt;

/** Cuts a text into the windows that a protocol of perplexity scores, some of equal length at a time. */
public final class TextWindows {
    private static final int BATCH_TOKENS = 2048; // windows run together; more gain nothing on a CPU

    private final int[] tokens;
    private final Protocol protocol;
    private final int context;
    private final OptionalInt begin;

    /**
     * Equally long windows.
     *
     * @param inputs [count, length] token ids
     * @param targets [count, length] the token to predict at each position, from the inputs up to it
     * @param count windows
     * @param length positions of a window
     * @param skip positions at the start of each window that are not scored
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    public record Batch(int[] inputs, int[] targets, int count, int length, int skip) {}

    /**
     * Prepares the cutting.
     *
     * @param tokens the whole text, with the beginning-of-text token where the tokenizer adds it
     * @param context L, tokens in a window
     * @param begin the beginning-of-text token that llama.cpp's protocol puts at the start of every window; empty where the
     *     tokenizer adds none
     * @throws InputException where the context is too small or the text shorter than a window
     */
    public TextWindows(int[] tokens, Protocol protocol, int context, OptionalInt begin) {
        requireWindow(tokens, protocol, context);
        this.tokens = tokens;
        this.protocol = protocol;
        this.context = context;
        this.begin = begin;
    }

    /**
     * Checks that a text can be measured with a model.
     *
     * @throws InputException where the context is out of bounds or the text shorter than a window
     */
    public static void require(ModelConfig model, int[] tokens, Protocol protocol, int context) {
        if (context > model.context()) {
            throw new InputException(
                    "context must be at most the model's own, " + model.context() + "; got " + context);
        }
        requireWindow(tokens, protocol, context);
    }

    /**
     * Checks that every token is one of the model's.
     *
     * @throws InputException where a token has no row in the embedding
     */
    public static void requireRows(ModelConfig model, int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= model.vocabulary()) {
                throw new InputException("every token must have a row in the model's embedding; got token " + token
                        + " and " + model.vocabulary() + " rows");
            }
        }
    }

    private static void requireWindow(int[] tokens, Protocol protocol, int context) {
        int least = protocol == Protocol.LLAMACPP ? 3 : 2; // else nothing is scored
        if (context < least) {
            throw new InputException(
                    "context must be at least " + least + " for protocol " + protocol + "; got " + context);
        }
        if (tokens.length < context) {
            throw new InputException("the text must fill a window of " + context + " tokens; got " + tokens.length
                    + (tokens.length == 1 ? " token" : " tokens"));
        }
    }

    /** Returns how many windows there are. */
    public int count() {
        return protocol == Protocol.MEGATRON ? (tokens.length - 2) / context + 1 : tokens.length / context;
    }

    /** Cuts the windows from one on, as many as are equally long and worth running together. */
    public Batch from(int window) {
        int count = Math.min(Math.max(1, BATCH_TOKENS / context), wholeFrom(window));
        int length = protocol == Protocol.MEGATRON ? Math.min(context, tokens.length - 1 - at(window)) : context - 1;
        int skip = protocol == Protocol.LLAMACPP ? context / 2 : 0;
        int[] inputs = new int[count * length];
        int[] targets = new int[count * length];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < length; k++) {
                inputs[i * length + k] = tokens[at(window + i) + k];
                targets[i * length + k] = tokens[at(window + i) + k + 1];
            }
            if (protocol == Protocol.LLAMACPP && begin.isPresent()) {
                inputs[i * length] = begin.getAsInt();
            }
        }
        return new Batch(inputs, targets, count, length, skip);
    }

    /** How many equally long windows there are from one on; Megatron's last may be shorter and then comes alone. */
    private int wholeFrom(int from) {
        if (protocol != Protocol.MEGATRON || (tokens.length - 1) % context == 0) {
            return count() - from;
        }
        return Math.max(1, count() - 1 - from);
    }

    private int at(int window) {
        return window * context;
    }
}
