package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.runtime.file.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Remembers the embeddings of another encoder on disk, so that no text is ever embedded twice.
 *
 * <p>A row is found by the encoder's digest and the first 128 bits of the SHA-256 of the text; texts themselves are not stored. New rows
 * are saved after every 4,096 texts, at least when one has waited for half a minute and another comes, and on closing. All encoders'
 * rows of a folder together take at most {@link CacheFolder#limit} bytes. Several processes may share the folder. Closing it closes the
 * inner encoder. A service that is not to keep what its users write takes the encoder without it.
 */
public final class EmbeddingCache implements TextEncoder {
    private static final String VERSION = "texts 1"; // raised when texts begin to reach encoders otherwise
    private static final int CHUNK = 4096; // texts between two savings

    private final TextEncoder inner;
    private final EmbeddingStore store;
    private int hits;
    private int misses;

    /** The packaged encoder with its rows under Lapidary's cache folder; closing it closes the encoder. */
    public static EmbeddingCache packaged() {
        return new EmbeddingCache(OnnxTextEncoder.packaged(), CacheFolder.sub("embeddings"));
    }

    /**
     * Opens the cache of an encoder.
     *
     * @param folder of all encoders' caches; each has a folder inside, named by its digest
     */
    public EmbeddingCache(TextEncoder inner, Path folder) {
        this(inner, new StoreLimit(folder, CacheFolder.limit()));
    }

    EmbeddingCache(TextEncoder inner, StoreLimit limit) {
        this.inner = inner;
        this.store = EmbeddingStore.of(limit, VERSION, inner.digest(), inner.width());
    }

    /** Texts so far whose embedding was there already, on disk or from an equal text of the same call. */
    public synchronized int hits() {
        return hits;
    }

    /** Texts so far that the inner encoder embedded. */
    public synchronized int misses() {
        return misses;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String digest() {
        return inner.digest();
    }

    @Override
    public int width() {
        return inner.width();
    }

    @Override
    public int maxTokens() {
        return inner.maxTokens();
    }

    @Override
    public synchronized EncodedTexts encode(List<String> texts, Progress progress) {
        Call call = new Call(texts, EmbeddingMatrix.allocate(texts.size(), width()));
        try {
            call.find();
            call.compute(progress);
            call.repeat();
            return new EncodedTexts(call.matrix, new EncodedTexts.PerText(call.tokens, call.truncated));
        } catch (RuntimeException | Error e) {
            call.matrix.close();
            throw e;
        }
    }

    /** The state of one call of encode. */
    private final class Call {
        private final List<String> texts;
        private final EmbeddingMatrix matrix;
        private final int[] tokens;
        private final BitSet truncated = new BitSet();
        private final long[] keys; // [n, 2]
        private final int[] firsts; // [n], the first text that is equal
        private final List<Integer> missing = new ArrayList<>();

        Call(List<String> texts, EmbeddingMatrix matrix) {
            this.texts = texts;
            this.matrix = matrix;
            this.tokens = new int[texts.size()];
            this.keys = new long[2 * texts.size()];
            this.firsts = new int[texts.size()];
        }

        void find() {
            MessageDigest sha = Sha256.digest();
            RowIndex seen = new RowIndex();
            for (int i = 0; i < firsts.length; i++) {
                ByteBuffer key = ByteBuffer.wrap(sha.digest(texts.get(i).getBytes(StandardCharsets.UTF_8)));
                keys[2 * i] = key.getLong();
                keys[2 * i + 1] = key.getLong();
                long first = seen.get(keys[2 * i], keys[2 * i + 1]);
                firsts[i] = first == RowIndex.NONE ? i : (int) first;
                if (firsts[i] != i) {
                    hits++;
                    continue;
                }
                seen.put(keys[2 * i], keys[2 * i + 1], i);
                CachedRows.Entry entry = store.read(keys[2 * i], keys[2 * i + 1], matrix, i);
                if (entry == null) {
                    missing.add(i);
                } else {
                    hits++;
                    count(i, Math.abs(entry.tokens()), entry.tokens() < 0);
                }
            }
        }

        private void count(int i, int number, boolean cut) {
            tokens[i] = number;
            truncated.set(i, cut);
        }

        void compute(Progress progress) {
            if (missing.isEmpty()) {
                return;
            }
            try (Progress.Task task = progress.start("Encoding texts", missing.size())) {
                for (int start = 0; start < missing.size(); start += CHUNK) {
                    compute(missing.subList(start, Math.min(start + CHUNK, missing.size())), task);
                }
            }
        }

        private void compute(List<Integer> rows, Progress.Task task) {
            Progress forwarding = (name, total) -> new Forwarding(task);
            List<String> chunk = rows.stream().map(texts::get).toList();
            try (EncodedTexts encoded = inner.encode(chunk, forwarding)) {
                List<CachedRows.Entry> entries = new ArrayList<>(rows.size());
                EncodedTexts.PerText counts = encoded.perText();
                for (int k = 0; k < rows.size(); k++) {
                    int i = rows.get(k);
                    matrix.rowSegment(i).copyFrom(encoded.embeddings().rowSegment(k));
                    if (counts != null) {
                        count(i, counts.tokens()[k], counts.truncated().get(k));
                    }
                    int signed = truncated.get(i) ? -tokens[i] : tokens[i];
                    entries.add(new CachedRows.Entry(keys[2 * i], keys[2 * i + 1], signed));
                }
                misses += rows.size();
                store.append(entries, encoded.embeddings());
            }
        }

        void repeat() {
            for (int i = 0; i < firsts.length; i++) {
                if (firsts[i] != i) {
                    matrix.rowSegment(i).copyFrom(matrix.rowSegment(firsts[i]));
                    count(i, tokens[firsts[i]], truncated.get(firsts[i]));
                }
            }
        }
    }

    /** Hands the steps of one chunk on to the task of the whole call. */
    private record Forwarding(Progress.Task whole) implements Progress.Task {
        @Override
        public void advance(long steps) {
            whole.advance(steps);
        }

        @Override
        public void note(String text) {
            whole.note(text);
        }

        @Override
        public void close() {}
    }

    @Override
    public synchronized void close() {
        store.close();
        inner.close();
    }
}
