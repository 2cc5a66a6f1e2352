package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import java.text.Normalizer;
import java.util.List;

/** What is done to a text before it is split into words. */
sealed interface TextNormalizer {
    /** Returns the changed text. */
    String normalize(String text);

    /** Unicode's normal forms. */
    record Form(Normalizer.Form form) implements TextNormalizer {
        @Override
        public String normalize(String text) {
            return Normalizer.normalize(text, form);
        }
    }

    /** Puts something before a text that is not empty. */
    record Prepend(String content) implements TextNormalizer {
        @Override
        public String normalize(String text) {
            return text.isEmpty() ? text : content + text;
        }
    }

    /** Replaces what a pattern matches. */
    record Replace(WordPattern pattern, String content) implements TextNormalizer {
        @Override
        public String normalize(String text) {
            if (pattern instanceof WordPattern.Literal literal) {
                return text.replace(literal.content(), content);
            }
            StringBuilder out = new StringBuilder(text.length());
            int[] done = {0};
            pattern.find(text, 0, text.length(), (start, end) -> {
                if (start == end) {
                    throw new InputException(
                            "what a tokenizer replaces must have at least one letter; got none before '"
                                    + text.substring(start, Math.min(text.length(), start + 20)) + "'");
                }
                out.append(text, done[0], start).append(content);
                done[0] = end;
            });
            return out.append(text, done[0], text.length()).toString();
        }
    }

    /** One after the other. */
    record Sequence(List<TextNormalizer> steps) implements TextNormalizer {
        @Override
        public String normalize(String text) {
            String normal = text;
            for (TextNormalizer step : steps) {
                normal = step.normalize(normal);
            }
            return normal;
        }
    }
}
