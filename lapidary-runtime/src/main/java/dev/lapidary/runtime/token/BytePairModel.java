package dev.lapidary.runtime.token;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes words by byte-pair merges, as the model BPE of Hugging Face's library does.
 *
 * @see <a href="https://aclanthology.org/P16-1162/">Sennrich et al., Neural machine translation of rare words, ACL 2016</a>
 */
final class BytePairModel {
    private static final int UNKNOWN = -1;

    private final Map<String, Integer> vocabulary;
    private final Settings settings;
    private final PairMerger merger;
    private final int[] basic = new int[1 << 16]; // id of every single letter to U+FFFF
    private final Map<Integer, Integer> further = new HashMap<>(); // of those above
    private final int @Nullable [] fallback; // id of every byte
    private final WordCache cache = new WordCache();

    /**
     * How letters and words become symbols.
     *
     * @param bytes whether a word's symbols are the letters of its bytes, else its own letters
     * @param unknown the id of what is not in the vocabulary, or -1 where it is left out
     * @param fuseUnknown whether several unknown letters in a row become one token
     * @param byteFallback whether an unknown letter becomes its bytes
     * @param wholeWords whether a word that is in the vocabulary is not merged
     * @param cutBlocks whether words may be cut before each {@code ▁} after another letter, since no merge crosses there
     */
    record Settings(
            boolean bytes,
            int unknown,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean wholeWords,
            boolean cutBlocks) {}

    BytePairModel(Map<String, Integer> vocabulary, PairTable pairs, Settings settings) {
        this.vocabulary = vocabulary;
        this.settings = settings;
        this.merger = new PairMerger(pairs);
        Arrays.fill(basic, UNKNOWN);
        vocabulary.forEach((token, id) -> {
            if (token.length() == 1) {
                basic[token.charAt(0)] = id;
            } else if (token.length() == 2 && token.codePointCount(0, 2) == 1) {
                further.put(token.codePointAt(0), id);
            }
        });
        this.fallback = settings.byteFallback ? fallback(vocabulary) : null;
    }

    private static int[] fallback(Map<String, Integer> vocabulary) {
        int[] ids = new int[256];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = vocabulary.getOrDefault(String.format("<0x%02X>", i), UNKNOWN);
        }
        return ids;
    }

    /** Adds the tokens of the word {@code text[from, to)}. */
    void encode(String text, int from, int to, TokenList out) {
        int start = from;
        if (settings.cutBlocks) {
            for (int i = from + 1; i < to; i++) {
                if (text.charAt(i) == Metaspace.BLOCK && text.charAt(i - 1) != Metaspace.BLOCK) {
                    word(text, start, i, out);
                    start = i;
                }
            }
        }
        word(text, start, to, out);
    }

    private void word(String text, int from, int to, TokenList out) {
        if (from == to) {
            return;
        }
        if (to - from > WordCache.LONGEST) {
            out.addAll(tokens(text, from, to));
            return;
        }
        int[] ids = cache.find(text, from, to);
        if (ids == null) {
            ids = tokens(text, from, to);
            cache.put(text, from, to, ids);
        }
        out.addAll(ids);
    }

    private int[] tokens(String text, int from, int to) {
        if (settings.wholeWords) {
            Integer whole = vocabulary.get(settings.bytes ? letters(text, from, to) : text.substring(from, to));
            if (whole != null) {
                return new int[] {whole};
            }
        }
        Symbols symbols = new Symbols(to - from);
        for (int i = from; i < to; i += LetterKind.width(text, i)) {
            int letter = text.codePointAt(i);
            if (settings.bytes) {
                symbols.addBytes(letter);
            } else {
                symbols.add(letter);
            }
        }
        symbols.flush();
        return Arrays.copyOf(symbols.ids, merger.merge(symbols.ids, symbols.count));
    }

    private static String letters(String text, int from, int to) {
        StringBuilder letters = new StringBuilder(2 * (to - from));
        for (int i = from; i < to; i += LetterKind.width(text, i)) {
            Utf8.bytes(text.codePointAt(i), value -> letters.append(ByteLetters.letter(value)));
        }
        return letters.toString();
    }

    private int id(int letter) {
        return letter < basic.length ? basic[letter] : further.getOrDefault(letter, UNKNOWN);
    }

    /** The symbols of a word before merging. */
    private final class Symbols {
        private int[] ids;
        private int count;
        private boolean pending; // an unknown token that more unknown letters may join

        Symbols(int letters) {
            this.ids = new int[Math.max(8, letters + letters / 2)];
        }

        void addBytes(int letter) {
            if (letter < 0x80) {
                add(ByteLetters.letter(letter));
            } else {
                Utf8.bytes(letter, value -> add(ByteLetters.letter(value)));
            }
        }

        void add(int letter) {
            int id = id(letter);
            if (id != UNKNOWN) {
                flush();
                append(id);
            } else if (!addFallback(letter) && settings.unknown >= 0) {
                if (pending && !settings.fuseUnknown) {
                    flush();
                }
                pending = true;
            }
        }

        /** Adds the bytes of a letter where all have tokens; as in the library, an unknown token before stays pending. */
        private boolean addFallback(int letter) {
            int[] bytes = fallback;
            if (bytes == null) {
                return false;
            }
            int before = count;
            Utf8.bytes(letter, value -> append(bytes[value]));
            for (int i = before; i < count; i++) {
                if (ids[i] == UNKNOWN) {
                    count = before;
                    return false;
                }
            }
            return true;
        }

        void flush() {
            if (pending) {
                pending = false;
                append(settings.unknown);
            }
        }

        private void append(int id) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, Math.addExact(count, count));
            }
            ids[count++] = id;
        }
    }
}
