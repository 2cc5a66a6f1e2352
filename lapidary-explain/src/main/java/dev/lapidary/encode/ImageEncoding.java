package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.image.ImageReport;
import dev.lapidary.image.PixelValues;
import dev.lapidary.image.ReadImage;
import dev.lapidary.image.RgbImage;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One encoding of a data set's pictures: files that a store knows are not decoded, files of equal bytes are embedded once, and new
 * embeddings are stored at least every half minute.
 */
final class ImageEncoding {
    private static final int SAVED_IMAGES = 4096; // between two savings
    private static final long SAVED_NANOS = 30_000_000_000L; // between two savings

    private final ImageTextEncoder encoder;
    private final @Nullable EmbeddingStore store;
    private final Progress.Task task;
    private final EmbeddingMatrix matrix; // [n, d]
    private final List<ImageItem> items = new ArrayList<>();
    private final RowIndex rows = new RowIndex();
    private final List<CachedRows.Entry> unsaved = new ArrayList<>();
    private final List<Integer> unsavedRows = new ArrayList<>();
    private final long begin = System.nanoTime();
    private long lastSaving = begin;

    private ImageEncoding(
            ImageTextEncoder encoder, @Nullable EmbeddingStore store, Progress.Task task, EmbeddingMatrix matrix) {
        this.encoder = encoder;
        this.store = store;
        this.task = task;
        this.matrix = matrix;
    }

    /** Encodes all pictures; the store, where there is one, must be used by nobody else meanwhile. */
    static EncodedImages run(
            ImageTextEncoder encoder, @Nullable EmbeddingStore store, ImageItems images, Progress progress) {
        int most = images.items().size();
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(most, encoder.width());
        boolean handedOn = false;
        try (Progress.Task task = progress.start("Encoding images", most)) {
            ImageEncoding encoding = new ImageEncoding(encoder, store, task, matrix);
            ImageReport report = encoding.read(images);
            handedOn = report.read() == most;
            EmbeddingMatrix whole = handedOn
                    ? matrix
                    : matrix.select(IntStream.range(0, report.read()).toArray());
            return new EncodedImages(whole, encoding.items, report);
        } finally {
            if (!handedOn) {
                matrix.close();
            }
        }
    }

    private ImageReport read(ImageItems images) {
        try {
            return images.readFiles(encoder.batch(), this::look, this::take, () -> task.advance(0));
        } finally {
            save();
        }
    }

    /** What a look at a file gave: the first 128 bits of its SHA-256, and its embedding where that is known, else its pixels. */
    @SuppressWarnings("ArrayRecordComponent") // handed on once
    private record Seen(
            long high,
            long low,
            float @Nullable [] embedding,
            @Nullable PixelValues pixels) {}

    private Seen look(byte[] file, Supplier<RgbImage> picture) {
        ByteBuffer key = ByteBuffer.wrap(Sha256.digest().digest(file));
        long high = key.getLong();
        long low = key.getLong();
        float[] known = recall(high, low);
        return new Seen(high, low, known, known == null ? encoder.prepare(picture.get()) : null);
    }

    private float @Nullable [] recall(long high, long low) {
        if (store == null) {
            return null;
        }
        try (EmbeddingMatrix row = EmbeddingMatrix.allocate(1, matrix.width())) {
            synchronized (store) {
                return store.read(high, low, row, 0) == null ? null : row.row(0);
            }
        }
    }

    private void take(List<ReadImage<Seen>> batch) {
        int first = items.size();
        List<PixelValues> pixels = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        for (ReadImage<Seen> one : batch) {
            Seen seen = one.value();
            int row = items.size();
            items.add(one.item());
            if (rows.get(seen.high(), seen.low()) != RowIndex.NONE) {
                continue; // copied below
            }
            rows.put(seen.high(), seen.low(), row);
            if (seen.embedding() != null) {
                matrix.set(row, seen.embedding());
            } else if (seen.pixels() != null) {
                pixels.add(seen.pixels());
                targets.add(row);
                unsaved.add(new CachedRows.Entry(seen.high(), seen.low(), 0));
                unsavedRows.add(row);
            }
        }
        embed(pixels, targets);
        for (int i = 0; i < batch.size(); i++) {
            Seen seen = batch.get(i).value();
            int same = (int) rows.get(seen.high(), seen.low());
            if (same != first + i) {
                matrix.rowSegment(first + i).copyFrom(matrix.rowSegment(same));
            }
        }
        report(batch.size());
        if (unsaved.size() >= SAVED_IMAGES || System.nanoTime() - lastSaving > SAVED_NANOS) {
            save();
        }
    }

    private void embed(List<PixelValues> pixels, List<Integer> targets) {
        if (pixels.isEmpty()) {
            return;
        }
        try (EmbeddingMatrix embedded = encoder.embed(pixels)) {
            for (int i = 0; i < targets.size(); i++) {
                matrix.rowSegment(targets.get(i)).copyFrom(embedded.rowSegment(i));
            }
        }
    }

    private void report(int images) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        task.note(String.format(Locale.ROOT, "%.1f images/s", items.size() / seconds));
        task.advance(images);
    }

    /** Stores what is embedded and not stored yet. */
    private void save() {
        if (store != null && !unsaved.isEmpty()) {
            int[] embedded = unsavedRows.stream().mapToInt(row -> row).toArray();
            try (EmbeddingMatrix some = matrix.select(embedded)) {
                synchronized (store) {
                    store.append(unsaved, some);
                }
            }
        }
        unsaved.clear();
        unsavedRows.clear();
        lastSaving = System.nanoTime();
    }
}
