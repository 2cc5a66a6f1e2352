package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * One file of cached embeddings, memory mapped, every row with a checksum that is verified when the row is read.
 *
 * <p>Tensors: keys [n, 2] int64, embeddings [n, d] float32, tokens [n] int32 (negative where the text was truncated, 0 where
 * unknown), checks [n] int64.
 */
final class CachedRows implements AutoCloseable {
    private static final String FORMAT = "lapidary-embeddings-2";

    private final Path path;
    private boolean used;
    private final TensorFile file;
    private final long[] keys; // [n, 2]
    private final long[] tokens; // [n]
    private final long[] checks; // [n]
    private final EmbeddingMatrix embeddings; // [n, d]

    private CachedRows(TensorFile file, int rows, int width) {
        this.path = file.file();
        this.file = file;
        this.keys = tensor(file, "keys", DType.I64, List.of((long) rows, 2L)).toLongs();
        this.tokens = tensor(file, "tokens", DType.I32, List.of((long) rows)).toLongs();
        this.checks = tensor(file, "checks", DType.I64, List.of((long) rows)).toLongs();
        MemorySegment data = tensor(file, "embeddings", DType.F32, List.of((long) rows, (long) width))
                .data();
        this.embeddings = EmbeddingMatrix.of(data, rows, width, null);
    }

    /** A row to be written: its key and what the encoder counted. */
    record Entry(long high, long low, int tokens) {}

    /**
     * Maps a file.
     *
     * @throws InputException where it is not what this encoder of this width wrote
     */
    static CachedRows open(Path path, String encoder, int width) throws IOException {
        TensorFile file = TensorFile.open(path);
        try {
            if (!metadata(encoder).equals(file.metadata())) {
                throw new InputException(
                        path + ": must hold embeddings of encoder " + encoder + "; got " + file.metadata());
            }
            List<Long> shape = file.tensor("keys").shape();
            long rows = shape.isEmpty() ? -1 : shape.getFirst();
            if (rows < 1 || rows > Integer.MAX_VALUE) {
                throw new InputException(path + ": must hold at least one row; got " + rows);
            }
            return new CachedRows(file, (int) rows, width);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static TensorView tensor(TensorFile file, String name, DType dtype, List<Long> shape) {
        TensorView view = file.tensor(name);
        if (view.dtype() != dtype || !view.shape().equals(shape)) {
            throw new InputException(
                    file.file() + ": tensor " + name + " must be " + dtype + " " + shape + "; got " + view);
        }
        return view;
    }

    private static Map<String, String> metadata(String encoder) {
        return Map.of("format", FORMAT, "encoder", encoder);
    }

    /** Writes entries and their rows, [n, d], as a new file. */
    static void write(Path path, String encoder, List<Entry> entries, EmbeddingMatrix rows) throws IOException {
        long n = entries.size();
        long[] keys = new long[2 * entries.size()];
        int[] tokens = new int[entries.size()];
        long[] checks = new long[entries.size()];
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            keys[2 * i] = entry.high();
            keys[2 * i + 1] = entry.low();
            tokens[i] = entry.tokens();
            checks[i] = check(rows.rowSegment(i), entry);
        }
        List<TensorView> tensors = List.of(
                TensorView.of("keys", keys, n, 2),
                TensorView.of("checks", checks, n),
                TensorView.of("tokens", tokens, n),
                new TensorView("embeddings", DType.F32, List.of(n, (long) rows.width()), rows.segment()));
        SafetensorsWriter.write(path, tensors, metadata(encoder));
    }

    private static long check(MemorySegment row, Entry entry) {
        CRC32C crc = new CRC32C();
        crc.update(row.toArray(ValueLayout.JAVA_BYTE));
        return crc.getValue() ^ (entry.high() + entry.low() * 31 + entry.tokens());
    }

    Path path() {
        return path;
    }

    int rows() {
        return checks.length;
    }

    Entry entry(int row) {
        return new Entry(keys[2 * row], keys[2 * row + 1], (int) tokens[row]);
    }

    /** Copies a row into a matrix of the same width; returns false, copying nothing, where its checksum is wrong. */
    boolean read(int row, EmbeddingMatrix matrix, int target) {
        MemorySegment source = embeddings.rowSegment(row);
        if (check(source, entry(row)) != checks[row]) {
            return false;
        }
        matrix.rowSegment(target).copyFrom(source);
        used = true;
        return true;
    }

    /** Whether a row was read. */
    boolean used() {
        return used;
    }

    @Override
    public void close() {
        file.close();
    }
}
