package dev.lapidary.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Causal attention of one text over its cached keys and values: softmax(q·kᵀ/√headWidth)·v, where each of keyValueHeads serves
 * heads / keyValueHeads query heads.
 *
 * <p>Keys lie in panels of {@value #PANEL} positions with the positions innermost, so that scores need no sums over lanes; values
 * lie position by position. Work is split over rows and heads, and each pair is one thread's alone, so results do not depend on the
 * number of threads. All memory is taken when it is made, 2·layers·keyValueHeads·capacity·headWidth floats and some; closing frees
 * it at once. Not for use by several threads at once.
 *
 * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al., GQA, 2023</a>
 */
public final class CachedAttention implements AutoCloseable {
    /** Positions of a panel of keys. */
    static final int PANEL = 64;

    private static final long ALONE = 1 << 16; // multiply-adds that one thread does faster than another wakes up
    private static final int PADDING = 16; // floats, the lanes of the widest vector

    private final MatrixProducts crew;
    private final Shape shape;
    private final int capacity; // a multiple of PANEL
    private final int valueWidth; // headWidth padded
    private final Arena arena = Arena.ofShared();
    private final long keys; // [layers, keyValueHeads, capacity / PANEL, headWidth, PANEL]
    private final long values; // [layers, keyValueHeads, capacity, valueWidth]
    private final long scratch; // [threads, capacity + valueWidth]
    private final float scale;
    private final WorkCrew.Body work = this::attend; // one object for all calls

    private long query; // what attend works on
    private long queryStride;
    private long out;
    private int layer;
    private int start;
    private int rows;
    private int sharers; // threads that take part

    /**
     * What is attended to.
     *
     * @param layers caches, each for itself
     * @param heads of a query
     * @param keyValueHeads divides heads
     * @param headWidth floats of a head
     */
    public record Shape(int layers, int heads, int keyValueHeads, int headWidth) {}

    /**
     * Takes the memory.
     *
     * @param crew whose threads do the work
     * @param positions most positions of the text
     */
    public CachedAttention(MatrixProducts crew, Shape shape, int positions) {
        this.crew = crew;
        this.shape = shape;
        capacity = Math.multiplyExact((positions + PANEL - 1) / PANEL, PANEL);
        valueWidth = (shape.headWidth + PADDING - 1) & -PADDING;
        scale = (float) (1 / Math.sqrt(shape.headWidth));
        long cached = (long) shape.layers * shape.keyValueHeads * capacity;
        try {
            keys = allocate(Math.multiplyExact(cached, shape.headWidth));
            values = allocate(Math.multiplyExact(cached, valueWidth));
            scratch = allocate((long) crew.threads() * (capacity + valueWidth));
        } catch (RuntimeException | Error failed) {
            arena.close();
            throw failed;
        }
    }

    private long allocate(long floats) {
        return arena.allocate(Math.multiplyExact(floats, Float.BYTES), MatrixMemory.ALIGNMENT)
                .address();
    }

    /** Returns the bytes of native memory for a number of positions and threads. */
    public static long bytes(Shape shape, int positions, int threads) {
        long capacity = (positions + PANEL - 1L) / PANEL * PANEL;
        long valueWidth = (shape.headWidth + PADDING - 1) & -PADDING;
        long cached = shape.layers * capacity * shape.keyValueHeads * (shape.headWidth + valueWidth);
        return Float.BYTES * (cached + threads * (capacity + valueWidth));
    }

    /**
     * Keeps keys and values of the positions from start on.
     *
     * @param k and v [rows, keyValueHeads·headWidth], of which each row starts stride floats after the one before
     */
    public void store(int layer, int start, int rows, MemorySegment k, MemorySegment v, int stride) {
        requirePositions(start, rows);
        long floats = (rows - 1L) * stride + (long) shape.keyValueHeads * shape.headWidth;
        long key = DecoderKernels.address(k, 0, floats);
        long value = DecoderKernels.address(v, 0, floats);
        for (int r = 0; r < rows; r++) {
            for (int h = 0; h < shape.keyValueHeads; h++) {
                long from = 4L * ((long) r * stride + (long) h * shape.headWidth);
                storeKey(layer, h, start + r, key + from);
                copy(value + from, valueAt(layer, h) + 4L * (start + r) * valueWidth, shape.headWidth);
            }
        }
    }

    private void storeKey(int layer, int head, int position, long from) {
        long panel = keyAt(layer, head) + 4L * (position / PANEL) * PANEL * shape.headWidth;
        long to = panel + 4L * (position % PANEL);
        for (int i = 0; i < shape.headWidth; i++) {
            RawMemory.set(to + 4L * i * PANEL, RawMemory.get(from + 4L * i));
        }
    }

    private static void copy(long from, long to, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            RawMemory.set(to + i, RawMemory.get(from + i));
        }
    }

    /**
     * Attends from the positions start to start + rows - 1, each to itself and all before it, whose keys and values are stored.
     *
     * @param q [rows, heads·headWidth], of which each row starts stride floats after the one before
     * @param out [rows, heads·headWidth], without gaps
     */
    public void attend(int layer, int start, int rows, MemorySegment q, int stride, MemorySegment out) {
        requirePositions(start, rows);
        long width = (long) shape.heads * shape.headWidth;
        this.query = DecoderKernels.address(q, 0, (rows - 1L) * stride + width);
        this.queryStride = stride;
        this.out = DecoderKernels.address(out, 0, rows * width);
        this.layer = layer;
        this.start = start;
        this.rows = rows;
        long products = ((long) start + rows) * rows * width;
        boolean shared = products > ALONE;
        sharers = shared ? crew.threads() : 1;
        crew.run(work, shared);
    }

    private void requirePositions(int start, int rows) {
        if (start < 0 || rows < 1 || start > capacity - rows || !arena.scope().isAlive()) {
            throw new IllegalArgumentException("rows must lie within " + capacity + " positions of an open cache; got "
                    + rows + " from " + start + " on");
        }
    }

    private void attend(int worker) {
        int units = rows * shape.heads; // heads outermost, so that a head's keys stay in the cache
        for (int unit = worker; unit < units; unit += sharers) {
            attend(worker, unit / rows, unit % rows);
        }
    }

    private void attend(int worker, int head, int row) {
        int group = head / (shape.heads / shape.keyValueHeads);
        int n = start + row + 1;
        int headWidth = shape.headWidth;
        long scores = scratch + 4L * worker * (capacity + valueWidth);
        long mixed = scores + 4L * capacity;
        long q = query + 4L * (row * queryStride + (long) head * headWidth);
        long to = out + 4L * ((long) row * shape.heads * headWidth + (long) head * headWidth);
        long k = keyAt(layer, group);
        long v = valueAt(layer, group);
        if (Simd.on()) {
            AttentionLanes.scores(q, headWidth, k, n, scores);
            float sum = AttentionLanes.softmax(scores, n, scale);
            AttentionLanes.mix(scores, n, v, valueWidth, mixed);
            scaled(mixed, 1 / sum, to, headWidth);
        } else {
            AttentionScalars.scores(q, headWidth, k, n, scores);
            float sum = AttentionScalars.softmax(scores, n, scale);
            AttentionScalars.mix(scores, n, v, valueWidth, mixed);
            scaled(mixed, 1 / sum, to, headWidth);
        }
    }

    private static void scaled(long from, float factor, long to, int n) {
        for (long i = 0; i < 4L * n; i += 4) {
            RawMemory.set(to + i, RawMemory.get(from + i) * factor);
        }
    }

    private long keyAt(int layer, int head) {
        return keys + 4L * ((long) layer * shape.keyValueHeads + head) * capacity * shape.headWidth;
    }

    private long valueAt(int layer, int head) {
        return values + 4L * ((long) layer * shape.keyValueHeads + head) * capacity * valueWidth;
    }

    /** Frees the memory. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
