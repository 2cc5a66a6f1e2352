package dev.lapidary.language;

/**
 * Where a long text may be cut so that byte-level byte-pair encoding gives the same tokens for the pieces as for the whole: behind a
 * single line feed that has no white space beside it. GPT-2's pattern makes that line feed a word of its own both when more text
 * follows and when the text ends there, no word reaches over it, and merges stay inside words.
 */
final class TextPieces {
    /** Letters after which a piece ends at the next place where it may. */
    static final int PIECE = 1 << 20;

    private TextPieces() {}

    /** Returns where the piece that begins at an index ends. */
    static int end(String text, int from, int piece) {
        if (text.length() - from <= piece) {
            return text.length();
        }
        for (int at = from + piece; at < text.length(); at++) {
            if (text.charAt(at - 1) == '\n' && plain(text.charAt(at)) && plain(text.charAt(at - 2))) {
                return at;
            }
        }
        return text.length();
    }

    private static boolean plain(char c) {
        return c > ' ' && c < 0x7f;
    }
}
