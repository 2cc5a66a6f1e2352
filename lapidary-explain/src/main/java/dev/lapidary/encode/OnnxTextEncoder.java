package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Embeds texts with a sentence encoder in ONNX, float32, on all cores.
 *
 * <p>Texts are tokenised, sorted by length, and run in batches of about a thousand tokens in which all texts have exactly the same
 * length. So nothing is padded and no work is wasted. Alone, in any batch, and with any number of threads a text's embedding has the
 * same bits on one machine: every loop of ONNX Runtime adds the products of a row in the order of its columns, however many rows there
 * are, and sentence encoders are as wide as whole vectors (measured with the packaged encoder for batches of 1 to 16, lengths of 3 to
 * 256 and 1 and 2 threads; the largest difference was 0). Only networks that take one length have their texts padded to it.
 *
 * @see <a href="https://arxiv.org/abs/1908.10084">Reimers and Gurevych, Sentence-BERT, EMNLP 2019</a>
 */
public final class OnnxTextEncoder implements TextEncoder {
    private static final int BATCH_TOKENS = 1024; // larger batches are slower here: their activations leave the cache
    private static final int BATCH_TEXTS = 128;
    private static final int BLOCK = 8192; // texts tokenised and sorted at a time
    private static final String FORMAT = "1"; // raised when the same files begin to give other embeddings

    private final ModelFolder folder;
    private final String digest;
    private final int threads;
    private @Nullable TokenizerFile tokenizer; // opened with the model
    private @Nullable OnnxModel model;

    private OnnxTextEncoder(ModelFolder folder, int threads) {
        this.folder = folder;
        this.digest = digest(folder);
        this.threads = threads;
    }

    /**
     * Opens the encoder that comes with Lapidary: all-MiniLM-L6-v2, d = 384, 256 tokens, mean pooling, length 1. Its network is
     * loaded by the first call of {@link #encode}, so that nobody waits for it whose embeddings are all cached.
     */
    public static OnnxTextEncoder packaged() {
        return new OnnxTextEncoder(ModelFolder.open(PackagedModel.folder()), processors());
    }

    /**
     * Opens a folder in the layout of sentence encoders exported to ONNX: {@code onnx/model.onnx} or {@code model.onnx}, {@code
     * tokenizer.json}, and where present {@code sentence_bert_config.json}, {@code 1_Pooling/config.json}, {@code modules.json},
     * {@code tokenizer_config.json}, {@code config.json}. Without them: the mean over tokens, length 1, 512 tokens.
     *
     * @throws InputException where files are missing or of another kind
     */
    public static OnnxTextEncoder open(Path folder) {
        return open(folder, processors());
    }

    /** Opens a folder for a number of threads; the embeddings do not depend on it. */
    public static OnnxTextEncoder open(Path folder, int threads) {
        return open(ModelFolder.open(folder), threads);
    }

    static OnnxTextEncoder open(ModelFolder folder, int threads) {
        OnnxTextEncoder encoder = new OnnxTextEncoder(folder, threads);
        try {
            encoder.load();
            return encoder;
        } catch (RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    private synchronized OnnxModel load() {
        OnnxModel loaded = model;
        if (loaded == null) {
            tokenizer();
            loaded = OnnxModel.open(folder, threads);
            model = loaded;
        }
        return loaded;
    }

    private synchronized TokenizerFile tokenizer() {
        TokenizerFile opened = tokenizer;
        if (opened == null) {
            opened = TokenizerFile.open(folder.tokenizer(), folder.maxTokens());
            tokenizer = opened;
        }
        return opened;
    }

    private static String digest(ModelFolder files) {
        try {
            return Sha256.of(String.join(
                    "\n",
                    "lapidary text encoder " + FORMAT,
                    FileDigests.ofModel(files.model()),
                    FileDigests.of(files.tokenizer()),
                    String.join("\n", files.settings())));
        } catch (IOException e) {
            throw new UncheckedIOException(files.model() + " cannot be read", e);
        }
    }

    @Override
    public String name() {
        return folder.name();
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public synchronized int width() {
        return model == null && folder.width().isPresent() ? folder.width().getAsInt() : load().width();
    }

    @Override
    public int maxTokens() {
        return folder.maxTokens();
    }

    @Override
    public synchronized EncodedTexts encode(List<String> texts, Progress progress) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(texts.size(), width());
        int[] counts = new int[texts.size()];
        BitSet truncated = new BitSet();
        try (Progress.Task task = progress.start("Encoding texts", texts.size())) {
            for (int start = 0; start < texts.size(); start += BLOCK) {
                List<String> block = texts.subList(start, Math.min(start + BLOCK, texts.size()));
                List<TokenRow> items = tokenise(block, start);
                for (TokenRow item : items) {
                    counts[item.row()] = item.tokens();
                    truncated.set(item.row(), item.truncated());
                }
                embed(items, matrix, task);
            }
            return new EncodedTexts(matrix, new EncodedTexts.PerText(counts, truncated));
        } catch (RuntimeException | Error e) {
            matrix.close();
            throw e;
        }
    }

    /** Tokenises texts, which go to rows from the first on, padded where the network wants that. */
    List<TokenRow> tokenise(List<String> block, int firstRow) {
        int length = load().paddedLength();
        long pad = length == 0 ? 0 : folder.padding().orElseThrow().token().getAsLong();
        List<TokenRow> items = new ArrayList<>(block.size());
        for (int start = 0; start < block.size(); start += BATCH_TEXTS) {
            List<String> some = block.subList(start, Math.min(start + BATCH_TEXTS, block.size()));
            for (TokenizerFile.Tokens tokens : tokenizer().tokenise(some)) {
                TokenRow item =
                        new TokenRow(firstRow + items.size(), tokens.ids(), tokens.ids().length, tokens.truncated());
                items.add(length == 0 ? item : item.padded(length, pad));
            }
        }
        return items;
    }

    /** Runs the longest texts first, so that memory peaks at once and the remaining time is never underestimated. */
    private void embed(List<TokenRow> items, EmbeddingMatrix matrix, Progress.Task task) {
        items.sort(Comparator.comparingInt((TokenRow item) -> -item.ids().length));
        int start = 0;
        while (start < items.size()) {
            int length = items.get(start).ids().length;
            int limit = Math.min(load().largestBatch(), Math.clamp(BATCH_TOKENS / Math.max(length, 1), 1, BATCH_TEXTS));
            int end = start + 1;
            while (end < items.size() && end - start < limit && items.get(end).ids().length == length) {
                end++;
            }
            List<TokenRow> batch = items.subList(start, end);
            if (length > 0) { // a text without any token keeps an embedding of zeros
                load().embed(batch, matrix);
            }
            task.advance(batch.size());
            start = end;
        }
    }

    /**
     * Writes this encoder with a projection behind it in the layout of a dual encoder's text side: {@code onnx/text_model.onnx} with
     * an output text_embeds [b, e], and {@code tokenizer.json}.
     *
     * @param projection [d, e] row-major
     * @throws InputException where the encoder pools otherwise than by the mean
     */
    public synchronized void writeProjected(Path target, float[] projection) throws IOException {
        Files.createDirectories(target.resolve("onnx"));
        ProjectedText.write(folder, load(), projection, target.resolve("onnx/text_model.onnx"));
        Files.copy(folder.tokenizer(), target.resolve("tokenizer.json"));
    }

    @Override
    public synchronized void close() {
        if (model != null) {
            model.close();
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
