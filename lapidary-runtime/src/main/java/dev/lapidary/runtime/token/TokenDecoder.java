package dev.lapidary.runtime.token;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Turns the written forms of tokens into text; the text is their concatenation. */
sealed interface TokenDecoder {
    /** Returns the pieces of text of tokens. */
    List<String> decode(List<String> tokens);

    /** Letters that stand for bytes. */
    record ByteLevel() implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            ByteRow bytes = new ByteRow();
            for (String token : tokens) {
                if (token.codePoints().allMatch(letter -> ByteLetters.value(letter) >= 0)) {
                    token.chars().forEach(letter -> bytes.add(ByteLetters.value(letter)));
                } else {
                    token.codePoints().forEach(letter -> Utf8.bytes(letter, bytes::add));
                }
            }
            return List.of(bytes.text());
        }
    }

    /** Tokens such as {@code <0x0A>} that stand for bytes; a row of them that is no UTF-8 is one U+FFFD for each. */
    record ByteFallback() implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = new ArrayList<>(tokens.size());
            ByteRow bytes = new ByteRow();
            for (String token : tokens) {
                int value = value(token);
                if (value >= 0) {
                    bytes.add(value);
                } else {
                    bytes.strictly(texts);
                    texts.add(token);
                }
            }
            bytes.strictly(texts);
            return texts;
        }

        private static int value(String token) {
            if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
                return -1;
            }
            int high = Character.digit(token.charAt(3), 16);
            int low = Character.digit(token.charAt(4), 16);
            return token.charAt(3) > 'f' || token.charAt(4) > 'f' || high < 0 || low < 0 ? -1 : high << 4 | low;
        }
    }

    /** Replaces what a pattern matches in each piece. */
    record Replace(TextNormalizer.Replace change) implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(change::normalize).toList();
        }
    }

    /** Joins all pieces. */
    record Fuse() implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join("", tokens));
        }
    }

    /** Removes one letter from each piece, up to {@code start} times at its start and {@code stop} times at its end. */
    record Strip(int letter, int start, int stop) implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::strip).toList();
        }

        private String strip(String token) {
            int width = Character.charCount(letter);
            int from = 0;
            for (int i = 0; i < start && from < token.length() && token.codePointAt(from) == letter; i++) {
                from += width;
            }
            int to = token.length();
            for (int i = 0; i < stop && to > from && token.codePointBefore(to) == letter; i++) {
                to -= width;
            }
            return token.substring(from, to);
        }
    }

    /**
     * Turns the block letter into a space.
     *
     * @param prefixed whether it vanishes from the first piece
     */
    record Blocks(String replacement, boolean prefixed) implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                texts.add(token.replace(replacement, prefixed && texts.isEmpty() ? "" : " "));
            }
            return texts;
        }
    }

    /** Where a file names no decoder: tokens with a space between. */
    record Spaced() implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join(" ", tokens));
        }
    }

    /** One after the other. */
    record Sequence(List<TokenDecoder> steps) implements TokenDecoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = tokens;
            for (TokenDecoder step : steps) {
                texts = step.decode(texts);
            }
            return texts;
        }
    }

    /** A growing row of bytes in UTF-8. */
    final class ByteRow {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void add(int value) {
            bytes.write(value);
        }

        /**
         * Returns the text, U+FFFD for each longest piece that could begin a letter, as Rust and so the native library have it.
         * Java takes the first two bytes of a surrogate for one such piece, though no letter begins like that.
         */
        String text() {
            byte[] all = bytes.toByteArray();
            StringBuilder text = new StringBuilder();
            int from = 0;
            for (int i = 0; i + 1 < all.length; i++) {
                if ((all[i] & 0xff) == 0xed && (all[i + 1] & 0xe0) == 0xa0) {
                    text.append(new String(all, from, i + 1 - from, StandardCharsets.UTF_8));
                    from = i + 1;
                }
            }
            return text.append(new String(all, from, all.length - from, StandardCharsets.UTF_8))
                    .toString();
        }

        void strictly(List<String> texts) {
            if (bytes.size() == 0) {
                return;
            }
            try {
                texts.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.toByteArray()))
                        .toString());
            } catch (CharacterCodingException e) {
                for (int i = 0; i < bytes.size(); i++) {
                    texts.add("\ufffd");
                }
            }
            bytes.reset();
        }
    }
}
