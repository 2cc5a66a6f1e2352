package dev.lapidary.language;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.model.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A text as token ids.
 *
 * @param tokens ids; never changed
 * @param digest SHA-256 of what the tokens were made from: the tokenizer, the text and the part taken
 */
@SuppressWarnings("ArrayRecordComponent") // millions of ids, read only
public record Corpus(int[] tokens, String digest) {
    private static final long LARGEST = 1L << 30; // bytes of text; a Java text and its tokens must fit in arrays

    /** Reads files for a model, as {@link #read(List, TextTokenizer, int)} does. */
    public static Corpus read(List<Path> files, TextTokenizer tokenizer, ModelConfig model) {
        return read(files, tokenizer, model.vocabulary());
    }

    /**
     * Reads files verbatim but for a byte order mark at their start, one behind the other as if they were one, and encodes them once.
     *
     * @throws InputException where a file is missing, too large or no UTF-8, there is no text, or a token has no row in the model
     */
    public static Corpus read(List<Path> files, TextTokenizer tokenizer, int modelVocabulary) {
        return read(files, tokenizer, modelVocabulary, Cancellation.none());
    }

    /** Reads files as {@link #read(List, TextTokenizer, int)} does, and ends early where it is cancelled. */
    public static Corpus read(
            List<Path> files, TextTokenizer tokenizer, int modelVocabulary, Cancellation cancellation) {
        tokenizer.requireFits(modelVocabulary);
        String text = text(files);
        int[] tokens = tokenizer.encode(text, cancellation);
        for (int token : tokens) {
            if (token >= modelVocabulary) {
                throw new InputException("every token of the text must have a row in the model's embedding; got token "
                        + token + " (" + tokenizer.decode(new int[] {token}) + ") and " + modelVocabulary + " rows");
            }
        }
        MessageDigest digest = Sha256.digest();
        Sha256.field(digest, "corpus-1");
        Sha256.field(digest, tokenizer.digest());
        Sha256.field(digest, text);
        return new Corpus(tokens, Sha256.hex(digest));
    }

    /** Returns the files' text, one behind the other, for training a tokenizer. */
    public static String text(List<Path> files) {
        long bytes = 0;
        for (Path file : files) {
            bytes += size(file);
            if (bytes > LARGEST) {
                throw new InputException(
                        "the text files must have at most " + LARGEST + " bytes together; got more with " + file);
            }
        }
        StringBuilder text = new StringBuilder((int) bytes);
        files.forEach(file -> text.append(decode(file)));
        if (text.isEmpty()) {
            throw new InputException("the text files must have some text; got none in " + files);
        }
        return text.toString();
    }

    private static long size(Path file) {
        if (Files.isDirectory(file)) {
            throw new InputException(file + ": a text must be a file; got a folder");
        }
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": a text file must exist; got nothing at this path", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** How many bytes of a file are the mark of UTF-8, which is no text; the mark of another encoding is refused. */
    private static int mark(Path file, byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        if (first == 0xfeff || first == 0xfffe) {
            throw new InputException(file + ": text must be UTF-8; got the byte order mark of UTF-16");
        }
        return first == 0xefbb && bytes.length > 2 && (bytes[2] & 0xff) == 0xbf ? 3 : 0;
    }

    private static CharBuffer decode(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            CharsetDecoder decoder = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
            ByteBuffer in = ByteBuffer.wrap(bytes);
            in.position(mark(file, bytes));
            CharBuffer out = CharBuffer.allocate(bytes.length);
            CoderResult result = decoder.decode(in, out, true);
            if (result.isError()) {
                int at = in.position();
                throw new InputException(String.format(
                        Locale.ROOT,
                        "%s: text must be UTF-8; got byte 0x%02X at byte offset %d",
                        file,
                        bytes[at] & 0xff,
                        at));
            }
            return out.flip();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /**
     * Returns the first part of the tokens.
     *
     * @param share from 0 to 1; first(1 - h) and last(h) together are the whole
     */
    public Corpus first(double share) {
        return part(0, tokens.length - held(1 - share));
    }

    /** Returns the last part of the tokens. */
    public Corpus last(double share) {
        return part(tokens.length - held(share), tokens.length);
    }

    /** How many tokens a share is, computed so that a share and what 1 - share leaves never differ by rounding. */
    private int held(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new InputException("a share of a text must lie between 0 and 1; got " + share);
        }
        return (int) Math.round(tokens.length * (Math.round(share * 1e9) / 1e9));
    }

    private Corpus part(int from, int to) {
        MessageDigest part = Sha256.digest();
        Sha256.field(part, "corpus-part-1");
        Sha256.field(part, digest);
        Sha256.field(part, from + " " + to);
        return new Corpus(Arrays.copyOfRange(tokens, from, to), Sha256.hex(part));
    }

    /** Joins texts, one behind the other. */
    static Corpus joined(List<Corpus> texts) {
        MessageDigest joined = Sha256.digest();
        Sha256.field(joined, "corpus-joined-1");
        texts.forEach(text -> Sha256.field(joined, text.digest));
        int[] all =
                texts.stream().flatMapToInt(text -> Arrays.stream(text.tokens)).toArray();
        return new Corpus(all, Sha256.hex(joined));
    }
}
