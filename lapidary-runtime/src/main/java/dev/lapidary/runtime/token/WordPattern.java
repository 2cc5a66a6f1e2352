package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What cuts texts into words: a regular expression, the well-known ones written out by hand. */
sealed interface WordPattern permits WordPattern.ByHand, WordPattern.Literal, WordPattern.Regex {
    /** The pattern that GPT-2's pre-tokenizer has built in. */
    String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /** Llama 3's pattern; Qwen2's has {@code \p{N}} without the count. */
    String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** Qwen2's pattern. */
    String QWEN2 = LLAMA3.replace("{1,3}", "");

    /** Takes matches from left to right. */
    interface Matches {
        void match(int start, int end);
    }

    /** Finds the matches in {@code text[from, to)}, which is looked at as a text of its own. */
    void find(String text, int from, int to, Matches matches);

    /** Whether matches cover every text without a gap. */
    default boolean covers() {
        return false;
    }

    /** Returns the matcher of a regular expression in Oniguruma's syntax, as far as Java's is the same. */
    static WordPattern of(String where, String regex) {
        return switch (regex) {
            case GPT2 -> new Gpt2();
            case LLAMA3 -> new Llama3(3);
            case "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" -> new Llama3(1);
            default -> Regex.of(where, regex);
        };
    }

    /** One whose words follow each other without gaps. */
    sealed interface ByHand extends WordPattern permits Gpt2, Llama3 {
        /** Returns where the word that starts at a place ends, at most at to. */
        int end(String text, int at, int to);

        @Override
        default boolean covers() {
            return true;
        }

        @Override
        default void find(String text, int from, int to, Matches matches) {
            int at = from;
            while (at < to) {
                int end = end(text, at, to);
                matches.match(at, end);
                at = end;
            }
        }
    }

    /** {@link #GPT2} by hand: every code point is of one kind, and what comes next is decided by the first two. */
    record Gpt2() implements ByHand {
        @Override
        public int end(String text, int at, int to) {
            char first = text.charAt(at);
            if (first == '\'') {
                int end = contraction(text, at, to);
                if (end > 0) {
                    return end;
                }
            }
            int start = first == ' ' && at + 1 < to ? at + 1 : at;
            byte kind = LetterKind.at(text, start);
            if (kind < LetterKind.SPACE) {
                return LetterKind.run(text, start, to, kind);
            }
            return whiteSpace(text, at, to);
        }

        private static int contraction(String text, int at, int to) {
            char second = at + 1 < to ? text.charAt(at + 1) : 0;
            char third = at + 2 < to ? text.charAt(at + 2) : 0;
            return switch (second) {
                case 's', 't', 'm', 'd' -> at + 2;
                case 'r', 'v' -> third == 'e' ? at + 3 : 0;
                case 'l' -> third == 'l' ? at + 3 : 0;
                default -> 0;
            };
        }

        /** White space, but for the last of several before something else. */
        static int whiteSpace(String text, int at, int to) {
            int end = LetterKind.spaces(text, at, to);
            return end == to || end == at + 1 ? end : end - 1;
        }
    }

    /**
     * {@link #LLAMA3} and {@link #QWEN2} by hand.
     *
     * @param digits the longest number, digits
     */
    record Llama3(int digits) implements ByHand {
        @Override
        public int end(String text, int at, int to) {
            char first = text.charAt(at);
            if (first == '\'') {
                int end = contraction(text, at, to);
                if (end > 0) {
                    return end;
                }
            }
            byte kind = LetterKind.at(text, at);
            int next = at + LetterKind.width(text, at);
            if (kind == LetterKind.LETTER) {
                return LetterKind.run(text, next, to, kind);
            }
            if (kind == LetterKind.NUMBER) {
                return number(text, next, to);
            }
            if (kind != LetterKind.LINE_END && next < to && LetterKind.at(text, next) == LetterKind.LETTER) {
                return LetterKind.run(text, next, to, LetterKind.LETTER);
            }
            boolean blank = first == ' ' && next < to && LetterKind.at(text, next) == LetterKind.OTHER;
            if (kind == LetterKind.OTHER || blank) {
                int signs = LetterKind.run(text, blank ? next : at, to, LetterKind.OTHER);
                return LetterKind.run(text, signs, to, LetterKind.LINE_END);
            }
            return whiteSpace(text, at, to);
        }

        private int number(String text, int second, int to) {
            int at = second;
            for (int i = 1; i < digits && at < to && LetterKind.at(text, at) == LetterKind.NUMBER; i++) {
                at += LetterKind.width(text, at);
            }
            return at;
        }

        /** Up to the last line end of the white space, where there is one. */
        private static int whiteSpace(String text, int at, int to) {
            int end = LetterKind.spaces(text, at, to);
            for (int i = end - 1; i >= at; i--) {
                char letter = text.charAt(i);
                if (letter == '\n' || letter == '\r') {
                    return i + 1;
                }
            }
            return end == to || end == at + 1 ? end : end - 1;
        }

        private static int contraction(String text, int at, int to) {
            char second = at + 1 < to ? text.charAt(at + 1) : 0;
            char third = at + 2 < to ? (char) (text.charAt(at + 2) | 0x20) : 0;
            return switch (second) {
                case 's', 't', 'm', 'd', 'S', 'T', 'M', 'D', '\u017f' -> at + 2; // the long s is an s in any case
                case 'r', 'v', 'R', 'V' -> third == 'e' ? at + 3 : 0;
                case 'l', 'L' -> third == 'l' ? at + 3 : 0;
                default -> 0;
            };
        }
    }

    /**
     * A text that stands for itself.
     *
     * @param content not empty
     */
    record Literal(String content) implements WordPattern {
        @Override
        public void find(String text, int from, int to, Matches matches) {
            int at = text.indexOf(content, from, to);
            while (at >= 0) {
                matches.match(at, at + content.length());
                at = text.indexOf(content, at + content.length(), to);
            }
        }
    }

    /**
     * Any other expression, by java.util.regex.
     *
     * @param where what to name where matching fails
     */
    record Regex(String where, Pattern pattern) implements WordPattern {
        static WordPattern of(String where, String regex) {
            String java = OnigurumaPattern.java(where, regex);
            try {
                return new Regex(where, Pattern.compile(java, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE));
            } catch (PatternSyntaxException e) {
                throw new InputException(
                        where + ": must be a regular expression that Java reads; got " + e.getDescription() + " in "
                                + regex,
                        e);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Regex regex && regex.pattern.pattern().equals(pattern.pattern());
        }

        @Override
        public int hashCode() {
            return pattern.pattern().hashCode();
        }

        /** As in the library, an empty match counts unless it stands just behind another. */
        @Override
        public void find(String text, int from, int to, Matches matches) {
            Matcher matcher = pattern.matcher(new CountedText(where, text, from, to));
            int at = 0;
            int end = -1; // of the match before
            try {
                while (at <= to - from && matcher.find(at)) {
                    if (matcher.end() == matcher.start() && matcher.end() == end) {
                        at = end < to - from ? end + LetterKind.width(text, from + end) : end + 1;
                        continue;
                    }
                    at = end = matcher.end();
                    matches.match(from + matcher.start(), from + end);
                }
            } catch (StackOverflowError e) {
                throw new InputException(
                        where + ": must match without deep recursion; got a text of " + (to - from)
                                + " letters that it fails on",
                        e);
            }
        }
    }
}
