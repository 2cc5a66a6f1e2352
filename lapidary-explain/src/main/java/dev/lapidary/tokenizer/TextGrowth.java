package dev.lapidary.tokenizer;

import dev.lapidary.runtime.InputException;
import tools.jackson.databind.JsonNode;

/**
 * How many times longer the normalizers of a tokenizer.json can make a text. The library has no limit: a few replacements take all
 * memory, and then it ends the process.
 */
final class TextGrowth {
    private static final double MOST = 1000; // times
    private static final double MOST_REPLACED = 100; // times, of one replacement
    private static final int LONGEST_PREFIX = 1000; // letters
    private static final double COMPOSED = 18; // letters of U+FDFA when it is taken apart
    private static final double CANONICAL = 4;
    private static final double LOWERCASE = 3;
    private static final double BERT = 3 * LOWERCASE * CANONICAL; // blanks around ideographs besides

    /** Letters of a byte-level text for each letter. */
    static final double BYTES = 3;

    private TextGrowth() {}

    /**
     * Returns the most times that a normalizer, with all its steps, can lengthen a text.
     *
     * @param where what is read, with which errors begin
     * @throws InputException where that is more than {@value #MOST}
     */
    static double of(String where, JsonNode normalizer) {
        double growth = times(where, normalizer);
        if (!(growth <= MOST)) {
            throw new InputException(where + ": normalizers must lengthen a text at most " + (int) MOST
                    + " times; got some that could by " + growth);
        }
        return growth;
    }

    private static double times(String where, JsonNode step) {
        return switch (step.path("type").asString("")) {
            case "Sequence" -> {
                double all = 1;
                for (JsonNode inner : step.path("normalizers")) {
                    all *= times(where, inner);
                }
                yield all;
            }
            case "Replace" -> replacement(where, step);
            case "Prepend" -> {
                int letters = step.path("prepend").asString("").length();
                if (letters > LONGEST_PREFIX) {
                    throw new InputException(where + ": what is put before a text must have at most " + LONGEST_PREFIX
                            + " letters; got " + letters);
                }
                yield 1;
            }
            case "Precompiled" ->
                CharacterMap.longestReplacement(
                        step.path("precompiled_charsmap").asString(""));
            case "NFKC", "NFKD" -> COMPOSED;
            case "NFC", "NFD" -> CANONICAL;
            case "Lowercase" -> LOWERCASE;
            case "BertNormalizer" -> BERT;
            case "ByteLevel" -> BYTES;
            default -> 1;
        };
    }

    private static double replacement(String where, JsonNode step) {
        JsonNode pattern = step.path("pattern");
        JsonNode regex = pattern.path("Regex");
        double least = regex.isString()
                ? SafePattern.bounds(where, regex.stringValue()).leastLetters()
                : pattern.path("String").asString("").length();
        if (least < 1) {
            throw new InputException(where
                    + ": what is replaced must have at least one letter; got a pattern that takes none: " + pattern);
        }
        double times = Math.max(1, step.path("content").asString("").length() / least);
        if (times > MOST_REPLACED) {
            throw new InputException(where + ": what replaces a match must be at most " + (int) MOST_REPLACED
                    + " times as long; got " + times + " times");
        }
        return times;
    }
}
