package dev.lapidary.runtime.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The buffers of one session, for blocks of rows; closing frees them at once. */
final class Scratch implements AutoCloseable {
    final MemorySegment x; // [rows, width], the residual stream
    final MemorySegment h; // [rows, width], what goes into a linear layer or comes out of a branch
    final MemorySegment qkv; // [rows, (heads + 2·keyValueHeads)·headWidth]; Llama's q, k and v lie one after the other
    final MemorySegment q;
    final MemorySegment k;
    final MemorySegment v;
    final List<MemorySegment> queryKeyValue; // Llama's three
    final MemorySegment mixed; // [rows, heads·headWidth], what the heads attend to
    final MemorySegment gate; // [rows, mlpWidth]
    final MemorySegment up; // [rows, mlpWidth]
    final List<MemorySegment> gateUp; // both
    final MemorySegment logits; // [logitRows, vocabulary]
    private final MemorySegment[] xRows; // of x, each
    private final Arena arena = Arena.ofShared();

    Scratch(ModelConfig config, int rows, int logitRows) {
        int queries = config.heads() * config.headWidth();
        int keys = config.keyValueHeads() * config.headWidth();
        boolean llama = config.family().llamaLike();
        try {
            x = floats(rows, config.width());
            h = floats(rows, config.width());
            if (llama) {
                qkv = MemorySegment.NULL;
                q = floats(rows, queries);
                k = floats(rows, keys);
                v = floats(rows, keys);
            } else { // the fused projection's rows hold q, k and v
                qkv = floats(rows, 3 * queries);
                q = qkv;
                k = qkv.asSlice((long) Float.BYTES * queries);
                v = qkv.asSlice(2L * Float.BYTES * queries);
            }
            queryKeyValue = List.of(q, k, v);
            mixed = floats(rows, queries);
            gate = floats(rows, config.mlpWidth());
            up = llama ? floats(rows, config.mlpWidth()) : MemorySegment.NULL;
            gateUp = List.of(gate, up);
            logits = floats(logitRows, config.vocabulary());
            xRows = new MemorySegment[rows];
            Arrays.setAll(xRows, r -> x.asSlice(rowBytes(config, r), rowBytes(config, 1)));
        } catch (RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    private MemorySegment floats(int rows, int columns) {
        return NativeMemory.floats(arena, (long) rows * columns);
    }

    private static long rowBytes(ModelConfig config, int rows) {
        return (long) Float.BYTES * config.width() * rows;
    }

    /** Returns a row of x. */
    MemorySegment row(int row) {
        return xRows[row];
    }

    /** Returns the bytes that {@code rows} rows need. */
    static long bytes(ModelConfig config, int rows, int logitRows) {
        long heads = 2L * config.heads() + 2L * config.keyValueHeads();
        long row = 2L * config.width() + heads * config.headWidth() + 2L * config.mlpWidth();
        return Float.BYTES * (row * rows + (long) config.vocabulary() * logitRows);
    }

    @Override
    public void close() {
        arena.close();
    }
}
