package dev.lapidary.runtime.token;

/**
 * SentencePiece's words: every space becomes a block letter, and each block starts a word.
 *
 * @param replacement the block letter, in every file U+2581
 * @param prefix when a block is put before a text without one
 * @param cuts whether each block starts a word, else the text stays whole
 */
record Metaspace(String replacement, Prefix prefix, boolean cuts) implements WordSplitter {
    /** The letter ▁. */
    static final char BLOCK = '\u2581';

    /** When a block is put before a text. */
    enum Prefix {
        ALWAYS,
        FIRST,
        NEVER
    }

    @Override
    public void split(String text, int from, int to, boolean first, Words words) {
        String blocks = text.substring(from, to).replace(" ", replacement);
        boolean leads = first && from == 0;
        boolean puts = prefix == Prefix.ALWAYS || prefix == Prefix.FIRST && leads;
        String marked = puts && !blocks.startsWith(replacement) ? replacement + blocks : blocks;
        int start = 0;
        while (cuts && start < marked.length()) {
            int next = marked.indexOf(replacement, start + 1);
            if (next < 0) {
                break;
            }
            words.word(marked, start, next, leads);
            start = next;
        }
        words.word(marked, start, marked.length(), leads);
    }
}
