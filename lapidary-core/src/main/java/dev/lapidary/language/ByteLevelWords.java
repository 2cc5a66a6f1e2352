package dev.lapidary.language;

import dev.lapidary.runtime.token.ByteLetters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts texts into the words inside which byte-level byte-pair encoding merges, as GPT-2 does, and writes bytes as letters.
 *
 * @see <a href="https://github.com/openai/gpt-2/blob/master/src/encoder.py">GPT-2's encoder</a>
 */
final class ByteLevelWords {
    /** The bytes in the order of their letters, which is the order of the first 256 tokens. */
    static final int[] BYTES = bytes();

    private static final Pattern WORD =
            Pattern.compile("'(?:s|t|re|ve|m|ll|d)| ?\\p{L}+| ?\\p{N}+| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+"
                    + "|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");
    private static final int LONGEST = 256; // letters; a longer word is counted in pieces, so that no merge is slow

    private ByteLevelWords() {}

    /** Counts the words of texts; the order is that of first occurrence. */
    static Map<String, long[]> count(List<String> texts, Consumer<Integer> read) {
        Map<String, long[]> counts = new LinkedHashMap<>();
        for (String text : texts) {
            int told = 0;
            Matcher matcher = WORD.matcher(text);
            while (matcher.find()) {
                pieces(text, matcher.start(), matcher.end(), counts);
                if (matcher.end() - told > 1 << 16) {
                    read.accept(matcher.end() - told);
                    told = matcher.end();
                }
            }
            read.accept(text.length() - told);
        }
        return counts;
    }

    private static void pieces(String text, int start, int end, Map<String, long[]> counts) {
        int from = start;
        while (from < end) {
            int to = Math.min(end, from + LONGEST);
            if (to < end && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            counts.computeIfAbsent(text.substring(from, to), word -> new long[1])[0]++;
            from = to;
        }
    }

    /** The words of a text, in order. */
    static List<String> words(String text) {
        return WORD.matcher(text).results().map(match -> match.group()).toList();
    }

    /** The word's bytes in UTF-8 as positions in {@link #BYTES}. */
    static int[] symbols(String word, int[] positions) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        int[] symbols = new int[bytes.length];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = positions[bytes[i] & 0xff];
        }
        return symbols;
    }

    /** Where every byte stands in {@link #BYTES}. */
    static int[] positions() {
        int[] positions = new int[256];
        for (int i = 0; i < positions.length; i++) {
            positions[BYTES[i]] = i;
        }
        return positions;
    }

    private static int[] bytes() {
        Integer[] order = new Integer[256];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Character.compare(ByteLetters.letter(a), ByteLetters.letter(b)));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }
}
