package dev.lapidary.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A few rows of a segment on their way through a softmax: where they start, their logits and what follows from those.
 *
 * <p>Shapes, float32: logits and factors [classes, size] with the rows in lanes and classes padded to an even number;
 * weights and gradient [classes, stride]. Where the width is no multiple of the padding, the last lanes of a row's last
 * vector overlap those before it: {@link #place} says where a column lies.
 */
final class RowBlock {
    /** Widths are padded to this many floats, the lanes of the widest vector. */
    static final int PADDING = 16;

    private static final int CACHE_LINE = 64;

    final MemorySegment rows;
    final int width;
    final int stride;
    final int lanes;
    final int size;
    final int classes; // padded to an even number
    final long[] offsets; // [size], bytes; rows past the last repeat it
    final float[] logits; // [classes, size], then probabilities, then factors
    final float[] largest; // [size]
    final float[] sums; // [size], of exp(logit - largest)
    final float[] gradient; // [classes, stride]

    @SuppressWarnings("unused")
    private float touched; // never read; keeps the compiler from dropping the reads

    /** Lanes: how many floats the body reads at once. */
    RowBlock(MemorySegment rows, int width, int classes, int size, int lanes) {
        this.rows = rows;
        this.width = width;
        this.stride = (width + PADDING - 1) & -PADDING;
        this.lanes = lanes;
        this.size = size;
        this.classes = (classes + 1) & -2;
        this.offsets = new long[size];
        this.logits = new float[this.classes * size];
        this.largest = new float[size];
        this.sums = new float[size];
        this.gradient = new float[this.classes * stride];
    }

    /**
     * Reads one float of every cache line of the rows, in order: memory delivers one stream twice as fast as the four that
     * a tile reads (19 against 11 GB/s on one Zen 4 core), and the tiles then find the rows in the cache.
     */
    void touch() {
        float sum = 0;
        for (int i = 0; i < size; i++) {
            sum += touch(rows, offsets[i], 4 * width);
        }
        touched = sum;
    }

    private static float touch(MemorySegment rows, long offset, int bytes) {
        float sum = 0;
        for (int at = 0; at < bytes; at += CACHE_LINE) {
            sum += rows.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + at);
        }
        return sum;
    }

    /** Returns where column j of a class lies in weights and gradient. */
    int place(int j) {
        int tail = width % lanes;
        return j < width - tail ? j : j + lanes - tail;
    }

    /** Returns where the last vector of a row starts. */
    int lastStart() {
        return width - lanes;
    }

    /** Returns the end of what bodies read of a class's weights: a multiple of the lanes. */
    int end() {
        return (width + lanes - 1) / lanes * lanes;
    }
}
