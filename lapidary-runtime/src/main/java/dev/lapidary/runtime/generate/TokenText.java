package dev.lapidary.runtime.generate;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Turns tokens into text as they come, whole characters only: a token may hold some bytes of one.
 *
 * <p>Some tokens before the new ones are decoded with them and taken off again, because a decoder may treat the first token it sees
 * differently (LLaMA 2's drops its leading space).
 */
public final class TokenText {
    private static final int BEFORE = 5; // tokens at least; a character has at most four bytes
    private static final int MOST_BEFORE = 8; // tokens; one of these four starts is where a character starts
    private static final int LONGEST = 16; // tokens; more that still end in no character are no UTF-8
    private static final char BROKEN = '\ufffd';

    private final Function<int[], String> decoder;
    private int[] ids;
    private int size;
    private int start; // where decoding starts
    private int told; // tokens before this are text already

    /** Starts behind a prompt; the decoder turns tokens into text without special tokens. */
    public TokenText(Function<int[], String> decoder, int[] prompt) {
        this.decoder = decoder;
        this.ids = Arrays.copyOf(prompt, prompt.length + 64);
        this.size = prompt.length;
        this.told = size;
        this.start = firstStart();
    }

    /** Finds a start that is in the middle of no character, where there is one: a decoder of bytes would break all that follow. */
    private int firstStart() {
        for (int before = BEFORE; before <= MOST_BEFORE; before++) {
            int from = Math.max(0, size - before);
            if (decode(from, size).indexOf(BROKEN) < 0) {
                return from;
            }
        }
        return Math.max(0, size - BEFORE);
    }

    /** Adds a token and returns the text that is now certain, often none. */
    public String add(int token) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = token;
        return text(size - told >= LONGEST);
    }

    /** Returns the text of the last tokens, of which a broken character becomes U+FFFD. */
    public String end() {
        return told == size ? "" : text(true);
    }

    private String text(boolean broken) {
        String before = decode(start, told);
        String all = decode(start, size);
        if (all.length() <= before.length() || !broken && all.charAt(all.length() - 1) == BROKEN) {
            return "";
        }
        start = told;
        told = size;
        return all.substring(before.length());
    }

    private String decode(int from, int to) {
        return decoder.apply(Arrays.copyOfRange(ids, from, to));
    }

    /** Returns the last {@code count} tokens, or all where there are fewer. */
    public int[] last(int count) {
        return Arrays.copyOfRange(ids, Math.max(0, size - count), size);
    }
}
