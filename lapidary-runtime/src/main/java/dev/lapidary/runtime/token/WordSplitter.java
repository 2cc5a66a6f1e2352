package dev.lapidary.runtime.token;

import java.util.ArrayList;
import java.util.List;

/** Cuts a normalized text into the words that are encoded one by one. */
sealed interface WordSplitter
        permits WordSplitter.Whole,
                WordSplitter.Split,
                WordSplitter.Digits,
                WordSplitter.ByteLevel,
                Metaspace,
                WordSplitter.Sequence {
    /** Takes words, from left to right. */
    interface Words {
        /**
         * Takes the word {@code text[from, to)}.
         *
         * @param first whether the whole input begins where text does
         */
        void word(String text, int from, int to, boolean first);
    }

    /** Cuts {@code text[from, to)}, which is looked at as a text of its own and not empty. */
    void split(String text, int from, int to, boolean first, Words words);

    /** No cut. */
    record Whole() implements WordSplitter {
        @Override
        public void split(String text, int from, int to, boolean first, Words words) {
            words.word(text, from, to, first);
        }
    }

    /** What becomes of a match that is a delimiter. */
    enum Delimiter {
        REMOVED,
        ISOLATED,
        MERGED_WITH_PREVIOUS,
        MERGED_WITH_NEXT,
        CONTIGUOUS
    }

    /**
     * Cuts at the matches of a pattern.
     *
     * @param invert whether the pattern matches what is between delimiters
     */
    record Split(WordPattern pattern, Delimiter delimiter, boolean invert) implements WordSplitter {
        @Override
        public void split(String text, int from, int to, boolean first, Words words) {
            boolean every = delimiter == Delimiter.ISOLATED || delimiter == Delimiter.REMOVED && invert;
            if (every && pattern.covers()) {
                pattern.find(text, from, to, (start, end) -> words.word(text, start, end, first));
                return;
            }
            Spans spans = new Spans(text, first, delimiter, words);
            int[] done = {from};
            pattern.find(text, from, to, (start, end) -> {
                if (done[0] != start) {
                    spans.add(done[0], start, invert);
                }
                spans.add(start, end, !invert);
                done[0] = end;
            });
            if (done[0] != to) {
                spans.add(done[0], to, invert);
            }
            spans.finish();
        }
    }

    /** Cuts out numbers, or single digits. */
    record Digits(boolean single) implements WordSplitter {
        @Override
        public void split(String text, int from, int to, boolean first, Words words) {
            int at = from;
            while (at < to) {
                boolean number = LetterKind.at(text, at) == LetterKind.NUMBER;
                int end = at + LetterKind.width(text, at);
                while (end < to && !(number && single) && (LetterKind.at(text, end) == LetterKind.NUMBER) == number) {
                    end += LetterKind.width(text, end);
                }
                words.word(text, at, end, first);
                at = end;
            }
        }
    }

    /**
     * GPT-2's words; that their bytes become letters is the model's matter.
     *
     * @param prefixSpace whether a space is put before a text without one
     * @param words whether GPT-2's pattern cuts
     */
    record ByteLevel(boolean prefixSpace, boolean words) implements WordSplitter {
        private static final WordPattern GPT2 = new WordPattern.Gpt2();

        @Override
        public void split(String text, int from, int to, boolean first, Words out) {
            boolean prefix = prefixSpace && text.charAt(from) != ' ';
            String spaced = prefix ? ' ' + text.substring(from, to) : text;
            int start = prefix ? 0 : from;
            int end = prefix ? spaced.length() : to;
            boolean leads = first && from == 0;
            if (words) {
                GPT2.find(spaced, start, end, (a, b) -> out.word(spaced, a, b, leads));
            } else {
                out.word(spaced, start, end, leads);
            }
        }
    }

    /** One after the other, each on the words of the one before. */
    record Sequence(List<WordSplitter> steps) implements WordSplitter {
        @Override
        public void split(String text, int from, int to, boolean first, Words words) {
            split(0, text, from, to, first, words);
        }

        private void split(int step, String text, int from, int to, boolean first, Words words) {
            if (step == steps.size()) {
                words.word(text, from, to, first);
            } else {
                steps.get(step)
                        .split(text, from, to, first, (t, start, end, f) -> split(step + 1, t, start, end, f, words));
            }
        }
    }

    /** Joins delimiters with what stands beside them. */
    final class Spans {
        private final String text;
        private final boolean first;
        private final Delimiter delimiter;
        private final Words words;
        private final List<int[]> spans = new ArrayList<>(); // start, end, 1 for a delimiter

        Spans(String text, boolean first, Delimiter delimiter, Words words) {
            this.text = text;
            this.first = first;
            this.delimiter = delimiter;
            this.words = words;
        }

        void add(int start, int end, boolean match) {
            if (delimiter == Delimiter.ISOLATED || delimiter == Delimiter.REMOVED) {
                if (start < end && !(match && delimiter == Delimiter.REMOVED)) {
                    words.word(text, start, end, first);
                }
            } else {
                spans.add(new int[] {start, end, match ? 1 : 0});
            }
        }

        void finish() {
            boolean next = delimiter == Delimiter.MERGED_WITH_NEXT;
            List<int[]> ordered = next ? spans.reversed() : spans;
            List<int[]> joined = new ArrayList<>();
            int before = 0;
            for (int[] span : ordered) {
                boolean joins = delimiter == Delimiter.CONTIGUOUS ? span[2] == before : span[2] == 1 && before == 0;
                if (joins && !joined.isEmpty()) {
                    joined.getLast()[next ? 0 : 1] = span[next ? 0 : 1];
                } else {
                    joined.add(new int[] {span[0], span[1]});
                }
                before = span[2];
            }
            for (int[] span : next ? joined.reversed() : joined) {
                if (span[0] < span[1]) {
                    words.word(text, span[0], span[1], first);
                }
            }
        }
    }
}
