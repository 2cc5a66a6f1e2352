package dev.lapidary.language;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.tokenizer.TokenizerNatives;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * A tokenizer of Hugging Face's library, in native memory.
 *
 * @param cuttable whether {@link TextPieces} holds
 * @param longestText letters of a text, or of one of its pieces, that do not end the process
 */
record LibraryTokens(HuggingFaceTokenizer tokenizer, boolean cuttable, int longestText) implements TokenEngine {
    /**
     * Opens a tokenizer.json.
     *
     * @throws InputException where the library does not read it, or would end the process
     */
    static LibraryTokens open(Path file, boolean cuttable) {
        return open(file, cuttable, TokenizerNatives.requireReadable(file));
    }

    /** The same for a file that is known not to end the process. */
    static LibraryTokens openTrusted(Path file, boolean cuttable) {
        return open(file, cuttable, Integer.MAX_VALUE);
    }

    private static LibraryTokens open(Path file, boolean cuttable, int longestText) {
        TokenizerNatives.prepare();
        try {
            Map<String, String> options =
                    Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");
            return new LibraryTokens(HuggingFaceTokenizer.newInstance(file, options), cuttable, longestText);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        } catch (RuntimeException e) {
            throw new InputException(
                    file + ": must be a tokenizer that Hugging Face's library reads; got " + firstLine(e), e);
        }
    }

    @Override
    public int[] encodePlain(String text, Cancellation cancellation) {
        return encodePlain(text, TextPieces.PIECE);
    }

    int[] encodePlain(String text, int pieceLetters) {
        if (!cuttable || text.length() <= pieceLetters) {
            return ids(text, false);
        }
        int[] all = new int[text.length() / 2];
        int used = 0;
        int from = 0;
        while (from < text.length()) {
            int to = TextPieces.end(text, from, pieceLetters);
            int[] piece = ids(text.substring(from, to), false);
            if (used + piece.length > all.length) {
                all = Arrays.copyOf(all, Math.max(used + piece.length, Math.addExact(all.length, all.length / 2)));
            }
            System.arraycopy(piece, 0, all, used, piece.length);
            used += piece.length;
            from = to;
        }
        return Arrays.copyOf(all, used);
    }

    private int[] ids(String text, boolean special) {
        if (text.length() > longestText) {
            throw new InputException("a text must have at most " + longestText
                    + " letters for this tokenizer, whose patterns could end the process; got " + text.length());
        }
        // the library's own encode also copies spans, masks and every token's letters, some 200 bytes a token
        TokenizersLibrary library = TokenizersLibrary.LIB;
        long encoding;
        try {
            encoding = library.encode(tokenizer.getHandle(), text, special);
        } catch (RuntimeException e) {
            throw new InputException("a text must be one that the tokenizer can read; got " + firstLine(e), e);
        }
        try {
            long[] wide = library.getTokenIds(encoding);
            int[] ids = new int[wide.length];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = Math.toIntExact(wide[i]);
            }
            return ids;
        } finally {
            library.deleteEncoding(encoding);
        }
    }

    @Override
    public int[] template() {
        int[] plain = ids("a", false);
        int[] special = ids("a", true);
        for (int start = 0; start + plain.length <= special.length; start++) {
            if (Arrays.equals(plain, 0, plain.length, special, start, start + plain.length)) {
                return Arrays.copyOf(special, start);
            }
        }
        return new int[0];
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
    }

    private static String firstLine(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }

    /** Frees the native memory. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
