package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Embeddings that wait for others to be written into one file with. */
final class PendingRows {
    private final int width;
    private final List<CachedRows.Entry> entries = new ArrayList<>();
    private final List<float[]> rows = new ArrayList<>(); // [d] each
    private final RowIndex index = new RowIndex();
    private long since; // nanoseconds, when the first one came

    PendingRows(int width) {
        this.width = width;
    }

    void add(CachedRows.Entry entry, float[] row) {
        if (entries.isEmpty()) {
            since = System.nanoTime();
        }
        index.put(entry.high(), entry.low(), entries.size());
        entries.add(entry);
        rows.add(row);
    }

    int size() {
        return entries.size();
    }

    /** Whether rows are to be written: there are {@code most} of them, or one has waited for longer than {@code nanos}. */
    boolean due(int most, long nanos) {
        return size() >= most || (size() > 0 && System.nanoTime() - since > nanos);
    }

    /** Copies a row into a matrix and returns its entry, or null where there is none. */
    CachedRows.@Nullable Entry read(long high, long low, EmbeddingMatrix matrix, int target) {
        long place = index.get(high, low);
        if (place == RowIndex.NONE) {
            return null;
        }
        matrix.set(target, rows.get((int) place));
        return entries.get((int) place);
    }

    List<CachedRows.Entry> entries() {
        return entries;
    }

    /** All rows, [n, d]; the caller closes the matrix. */
    EmbeddingMatrix matrix() {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(rows.size(), width);
        for (int i = 0; i < rows.size(); i++) {
            matrix.set(i, rows.get(i));
        }
        return matrix;
    }
}
