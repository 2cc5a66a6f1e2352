package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns text into token ids and back as a model folder's tokenizer.json says, without padding and without a longest length (such
 * files often carry both, set for one export).
 *
 * <p>The runtime's own tokenizer reads what it covers, as it does in packed files; Hugging Face's library reads the rest. Time and
 * memory grow with the text's length. Close it: the library's tokenizer lies in native memory.
 */
public final class TextTokenizer implements AutoCloseable {
    /** The file of a model folder that holds a tokenizer. */
    public static final String FILE = "tokenizer.json";

    private static final Logger LOG = LoggerFactory.getLogger(TextTokenizer.class);

    private final TokenEngine engine;
    private final TokenizerSettings settings;
    private final String digest;
    private final int[] begin; // ids that stand before every text

    private TextTokenizer(TokenEngine engine, TokenizerSettings settings, String digest) {
        this.engine = engine;
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
        return open(folder, true);
    }

    /** Opens a trusted one with Hugging Face's library, whether or not the runtime's own tokenizer covers it. */
    static TextTokenizer openInLibrary(Path folder) {
        return open(folder, false);
    }

    private static TextTokenizer open(Path folder, boolean own) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new InputException(folder + ": a model folder must have a " + FILE + "; got "
                    + (Files.isDirectory(folder) ? "one without" : "no folder"));
        }
        TokenizerSettings settings = TokenizerSettings.read(folder, file);
        try {
            Optional<TokenEngine> ours = own ? own(file) : Optional.empty();
            String digest = Sha256.of(file);
            return new TextTokenizer(
                    ours.orElseGet(() -> own
                            ? LibraryTokens.open(file, settings.cuttable())
                            : LibraryTokens.openTrusted(file, settings.cuttable())),
                    settings,
                    digest);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** The runtime's tokenizer; nothing where it does not cover the file. */
    private static Optional<TokenEngine> own(Path file) throws IOException {
        byte[] json = Files.readAllBytes(file);
        try {
            return Optional.of(new TokenEngine.Own(Tokenizer.fromJson(json)));
        } catch (InputException uncovered) {
            LOG.debug("{} is left to Hugging Face's library: {}", file, uncovered.getMessage());
            return Optional.empty();
        }
    }

    private int[] begin() {
        if (settings.addsBos().isEmpty()) {
            return engine.template();
        }
        return settings.addsBos().get() && settings.bos().isPresent()
                ? new int[] {settings.bos().getAsInt()}
                : new int[0];
    }

    /**
     * Returns the ids of a text with the tokens that the tokenizer itself puts before it (LLaMA: the beginning of the text, once).
     * What a tokenizer would put behind is left out: the text goes on.
     */
    public int[] encode(String text) {
        return encode(text, Cancellation.none());
    }

    /** Returns the ids as {@link #encode(String)} does; a long search for words ends where it is cancelled. */
    public int[] encode(String text, Cancellation cancellation) {
        int[] plain = engine.encodePlain(text, cancellation);
        int[] ids = Arrays.copyOf(begin, begin.length + plain.length);
        System.arraycopy(plain, 0, ids, begin.length, plain.length);
        return ids;
    }

    /** Returns the ids of a text without special tokens, but for those that the text itself spells out. */
    public int[] encodePlain(String text) {
        return engine.encodePlain(text, Cancellation.none());
    }

    /** Returns the text of ids, special tokens included; bytes that are no UTF-8 become U+FFFD, unknown ids nothing. */
    public String decode(int[] ids) {
        return decode(ids, false);
    }

    /** Returns the text of ids, with or without special tokens. */
    public String decode(int[] ids, boolean skipSpecial) {
        return engine.decode(ids, skipSpecial);
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

    /** Frees the native memory. */
    @Override
    public void close() {
        engine.close();
    }
}
