package dev.lapidary.encode;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lapidary.runtime.InputException;
import dev.lapidary.tokenizer.TokenizerNatives;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Turns texts into token ids as a tokenizer.json says, with the encoder's own length and without padding (such files often carry a
 * length and a padding that were set for one export).
 */
final class TokenizerFile implements AutoCloseable {
    // one token stands for at most a hundred or so letters; what lies behind cannot be among the first tokens
    private static final int LETTERS_PER_TOKEN = 128;

    private final HuggingFaceTokenizer tokenizer;
    private final int maxLetters;

    private TokenizerFile(HuggingFaceTokenizer tokenizer, int maxTokens, int longestText) {
        this.tokenizer = tokenizer;
        this.maxLetters = Math.min(longestText, Math.multiplyExact(maxTokens, LETTERS_PER_TOKEN));
    }

    /** The ids of one text, special tokens included, and whether its end was cut off. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Tokens(long[] ids, boolean truncated) {}

    static TokenizerFile open(Path file, int maxTokens) {
        TokenizerNatives.prepare();
        int longestText = TokenizerNatives.requireReadable(file);
        try {
            Map<String, String> options =
                    Map.of("truncation", "true", "maxLength", Integer.toString(maxTokens), "padding", "false");
            return new TokenizerFile(HuggingFaceTokenizer.newInstance(file, options), maxTokens, longestText);
        } catch (IOException | RuntimeException e) {
            throw new InputException(
                    file + ": must be a tokenizer that Hugging Face's library reads; got " + line(e), e);
        }
    }

    /** Tokenises texts of any length in bounded time: letters beyond the reach of the longest input are not looked at. */
    Tokens[] tokenise(List<String> texts) {
        boolean[] cut = new boolean[texts.size()];
        String[] heads = new String[texts.size()];
        for (int i = 0; i < heads.length; i++) {
            String text = texts.get(i);
            cut[i] = text.length() > maxLetters;
            heads[i] = cut[i] ? head(text) : text;
        }
        Encoding[] encodings;
        try {
            encodings = tokenizer.batchEncode(heads);
        } catch (RuntimeException e) {
            throw new InputException("texts must be ones that the tokenizer can read; got " + line(e), e);
        }
        Tokens[] tokens = new Tokens[heads.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = new Tokens(encodings[i].getIds(), cut[i] || encodings[i].exceedMaxLength());
        }
        return tokens;
    }

    private String head(String text) {
        int end = Character.isHighSurrogate(text.charAt(maxLetters - 1)) ? maxLetters - 1 : maxLetters;
        return text.substring(0, end);
    }

    static String line(Exception e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
