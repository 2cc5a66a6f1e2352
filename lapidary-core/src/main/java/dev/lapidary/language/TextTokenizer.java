package dev.lapidary.language;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.tokenizer.TokenizerNatives;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Turns text into token ids and back as a model folder's tokenizer.json says, without padding and without a longest length (such
 * files often carry both, set for one export).
 *
 * <p>Time and memory grow with the text's length. Close it: the tokenizer lies in native memory.
 */
public final class TextTokenizer implements AutoCloseable {
    /** The file of a model folder that holds a tokenizer. */
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;
    private final TokenizerSettings settings;
    private final String digest;
    private final int[] begin; // ids that the post-processor puts before a text

    private TextTokenizer(HuggingFaceTokenizer tokenizer, TokenizerSettings settings, String digest) {
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.digest = digest;
        this.begin = begin();
    }

    /**
     * Opens the tokenizer of a model folder: tokenizer.json, and where present tokenizer_config.json, generation_config.json and
     * config.json for the special tokens.
     *
     * @throws InputException where tokenizer.json is missing or no tokenizer that Hugging Face's library reads
     */
    public static TextTokenizer open(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": a model folder must have a " + FILE + "; got "
                    + (Files.isDirectory(folder) ? "one without" : "no folder"));
        }
        TokenizerSettings settings = TokenizerSettings.read(folder, file);
        TokenizerNatives.prepare();
        try {
            Map<String, String> options =
                    Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(file, options);
            try {
                return new TextTokenizer(tokenizer, settings, Sha256.of(file));
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        } catch (InputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new InputException(
                    file + ": must be a tokenizer that Hugging Face's library reads; got " + firstLine(e), e);
        }
    }

    /**
     * Returns the ids of a text with the tokens that the tokenizer itself puts before it (LLaMA: the beginning of the text, once).
     * What a tokenizer would put behind is left out: the text goes on.
     */
    public int[] encode(String text) {
        int[] plain = encodePlain(text);
        int[] ids = Arrays.copyOf(begin, begin.length + plain.length);
        System.arraycopy(plain, 0, ids, begin.length, plain.length);
        return ids;
    }

    /** Returns the ids of a text without special tokens, but for those that the text itself spells out. */
    public int[] encodePlain(String text) {
        return encodePlain(text, TextPieces.PIECE);
    }

    int[] encodePlain(String text, int pieceLetters) {
        if (!settings.cuttable() || text.length() <= pieceLetters) {
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
        // the library's own encode also copies spans, masks and every token's letters, some 200 bytes a token
        TokenizersLibrary library = TokenizersLibrary.LIB;
        long encoding = library.encode(tokenizer.getHandle(), text, special);
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

    private int[] begin() {
        int[] plain = ids("a", false);
        int[] special = ids("a", true);
        for (int start = 0; start + plain.length <= special.length; start++) {
            if (Arrays.equals(plain, 0, plain.length, special, start, start + plain.length)) {
                return Arrays.copyOf(special, start);
            }
        }
        return new int[0];
    }

    /** Returns the text of ids, special tokens included; bytes that are no UTF-8 become U+FFFD, unknown ids nothing. */
    public String decode(int[] ids) {
        return decode(ids, false);
    }

    /** Returns the text of ids, with or without special tokens. */
    public String decode(int[] ids, boolean skipSpecial) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
    }

    /** Returns how many ids there are: the largest and one. */
    public int vocabulary() {
        return settings.vocabulary();
    }

    /** Returns the id that begins a text, where the tokenizer has one, whether or not it puts it there itself. */
    public OptionalInt bos() {
        return settings.bos().isPresent() || begin.length == 0 ? settings.bos() : OptionalInt.of(begin[0]);
    }

    /** Whether {@link #encode} puts a token before the text. */
    public boolean addsBos() {
        return begin.length > 0;
    }

    /** Returns the id that ends a text, the first where there are several. */
    public OptionalInt eos() {
        return settings.ends().stream().mapToInt(Integer::intValue).findFirst();
    }

    /** Returns all ids that end a text. */
    public Set<Integer> ends() {
        return settings.ends();
    }

    /** Returns the SHA-256 of tokenizer.json. */
    public String digest() {
        return digest;
    }

    /**
     * Checks that the tokens have rows in a model's embedding; added tokens without one are allowed as long as no text has them.
     *
     * @throws InputException where they have not
     */
    public void requireFits(int modelVocabulary) {
        if (settings.ordinary() > modelVocabulary) {
            throw new InputException("the tokenizer's tokens must have rows in the model's embedding; got "
                    + settings.ordinary() + " tokens and " + modelVocabulary + " rows");
        }
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
