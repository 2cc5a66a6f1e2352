package dev.lapidary.runtime.model;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.TokenReader;
import dev.lapidary.runtime.kernel.CachedAttention;
import dev.lapidary.runtime.kernel.DecoderKernels;
import dev.lapidary.runtime.kernel.MatrixProducts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One text that a {@link Model} reads: its own cache of keys and values and its own buffers, so that reading a token allocates
 * nothing.
 *
 * <p>Several sessions of a model may be read at once; their matrix products take turns, and each gives the logits that it would
 * give alone. One session is one thread's at a time. Closing frees its native memory at once.
 */
public final class Session implements TokenReader {
    private static final int BLOCK = 64; // tokens read together; more gain nothing on a CPU
    private static final int SCORED = 16; // rows of logits at once

    private final Model model;
    private final ModelConfig config;
    private final DecoderBlocks blocks;
    private final MatrixProducts products;
    private final int capacity;
    private final Scratch scratch;
    private final CachedAttention attention;
    private final float[] logits;
    private int length;
    private boolean closed;

    Session(Model model, DecoderBlocks blocks, MatrixProducts products, int capacity, boolean scores) {
        this.model = model;
        this.config = model.config();
        this.blocks = blocks;
        this.products = products;
        this.capacity = capacity;
        this.logits = new float[config.vocabulary()];
        this.scratch = new Scratch(config, Math.min(BLOCK, capacity), scores ? Math.min(SCORED, capacity) : 1);
        try {
            this.attention = new CachedAttention(products, shape(config), capacity);
        } catch (RuntimeException | Error failed) {
            scratch.close();
            throw failed;
        }
    }

    private static CachedAttention.Shape shape(ModelConfig config) {
        return new CachedAttention.Shape(config.layers(), config.heads(), config.keyValueHeads(), config.headWidth());
    }

    /** Returns the bytes of native memory that a session of {@code capacity} tokens takes. */
    static long bytes(ModelConfig config, int capacity, int threads) {
        return CachedAttention.bytes(shape(config), capacity, threads)
                + Scratch.bytes(config, Math.min(BLOCK, capacity), 1);
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public synchronized int length() {
        return length;
    }

    @Override
    public synchronized void truncate(int positions) {
        if (positions < 0 || positions > length) {
            throw new IllegalArgumentException("positions must be from 0 to " + length + "; got " + positions);
        }
        length = positions;
    }

    /** Reads the next tokens as {@link #read(int[], Cancellation)} does. */
    public float[] read(int... tokens) {
        return read(tokens, Cancellation.none());
    }

    /**
     * Reads the next tokens, in blocks.
     *
     * @param tokens at least one
     * @param cancellation is polled at each layer; the blocks read before stay read
     * @return the logits [vocabulary] of what follows the last token: the session's own array, valid until its next call
     * @throws InputException where there is no room for the tokens, or one has no row in the embedding
     */
    @Override
    public synchronized float[] read(int[] tokens, Cancellation cancellation) {
        requireReadable(tokens);
        int last = 0;
        for (int from = 0; from < tokens.length; from += last) {
            last = Math.min(BLOCK, tokens.length - from);
            advance(tokens, from, last, cancellation);
        }
        blocks.finish(scratch, last - 1, 1);
        products.multiply(blocks.output(), scratch.h, 1, scratch.logits);
        MemorySegment.copy(scratch.logits, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
        return logits;
    }

    /**
     * Reads tokens and returns the log-probability, in nats, of a target after each of them.
     *
     * @param targets [tokens]
     * @param skip tokens at the start that are not scored
     * @return [tokens − skip]
     * @throws InputException where a log-probability is NaN or infinite
     */
    synchronized double[] logProbabilities(int[] tokens, int[] targets, int skip, Cancellation cancellation) {
        requireReadable(tokens);
        double[] scores = new double[tokens.length - skip];
        int last = 0;
        for (int from = 0; from < tokens.length; from += last) {
            last = Math.min(BLOCK, tokens.length - from);
            advance(tokens, from, last, cancellation);
            int rows = 0;
            for (int row = Math.max(0, skip - from); row < last; row += rows) {
                rows = Math.min(SCORED, last - row);
                score(row, rows, targets, from + row, scores, from + row - skip);
            }
        }
        return scores;
    }

    private void score(int firstRow, int rows, int[] targets, int target, double[] scores, int to) {
        blocks.finish(scratch, firstRow, rows);
        products.multiply(blocks.output(), scratch.h, rows, scratch.logits);
        for (int r = 0; r < rows; r++) {
            long at = (long) r * config.vocabulary() + targets[target + r];
            double score = scratch.logits.getAtIndex(ValueLayout.JAVA_FLOAT, at)
                    - DecoderKernels.logSumExp(scratch.logits, r, config.vocabulary());
            if (!Double.isFinite(score)) {
                throw new InputException("the model's log-probabilities must be finite; got " + score + " for token "
                        + targets[target + r] + " at place " + (target + r + 1));
            }
            scores[to + r] = score;
        }
    }

    private void advance(int[] tokens, int from, int rows, Cancellation cancellation) {
        blocks.embed(tokens, from, scratch, length, rows);
        for (int layer = 0; layer < config.layers(); layer++) {
            cancellation.check();
            blocks.apply(layer, scratch, attention, length, rows);
        }
        length += rows;
    }

    private void requireReadable(int[] tokens) {
        if (closed) {
            throw new IllegalStateException("a session must be open; got a closed one");
        }
        if (tokens.length < 1 || tokens.length > capacity - length) {
            throw new InputException(
                    "tokens to read must be from 1 to " + (capacity - length) + "; got " + tokens.length);
        }
        TextWindows.requireRows(config, tokens);
        model.verify();
    }

    /** Frees the cache and the buffers, when a call under way has ended. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            length = 0;
            attention.close();
            scratch.close();
        }
        model.forget(this);
    }
}
