package dev.lapidary.runtime.token;

import org.jspecify.annotations.Nullable;

/**
 * Remembers the tokens of short words. Each word has one place, which the last word of that place takes.
 *
 * <p>Safe for several threads without a lock: an entry is immutable, and reading an old one or none only costs time.
 */
final class WordCache {
    /** Longer words are not remembered, chars. */
    static final int LONGEST = 32;

    private static final int SLOTS = 1 << 15;

    private final @Nullable Entry[] entries = new Entry[SLOTS];

    private record Entry(String word, int[] ids) {}

    /** Returns the tokens of {@code text[from, to)}, which nobody may change, or nothing. */
    int @Nullable [] find(String text, int from, int to) {
        Entry entry = entries[slot(text, from, to)];
        if (entry == null || entry.word.length() != to - from || !text.startsWith(entry.word, from)) {
            return null;
        }
        return entry.ids;
    }

    void put(String text, int from, int to, int[] ids) {
        entries[slot(text, from, to)] = new Entry(text.substring(from, to), ids);
    }

    private static int slot(String text, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        hash *= 0x9e3779b9;
        return hash >>> 17;
    }
}
