package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.WorkCrew;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Computes mean cross-entropy and gradient of a linear softmax classifier over many rows in one pass over their memory.
 *
 * <p>With rows x_i [width], scales s_i (1 unless set), weights u_k [width], biases b_k and row weights w_i (1 unless set):
 * z_ik = s_i x_i·u_k + b_k; loss = sum_i w_i (T_i logsumexp_k z_ik - sum_k t_ik z_ik) / sum_i w_i with targets t_ik (one-hot
 * for labels) and T_i = sum_k t_ik. No row is copied and no [rows, classes] array is held.
 *
 * <p>Products are float32; losses and biases add up in float64, weights' gradients in float32 for {@value #FLUSH} rows and
 * then in float64. Rows are cut into stripes whose number depends on the sizes alone and which add up in order, so that
 * results are the same bits for every number of threads. Parameters and gradients are [classes, width + 1], the bias last
 * of each class. Not for use by several threads at once. Closing stops the threads; the rows stay the caller's.
 */
public final class SoftmaxRegressionKernel implements AutoCloseable {
    private static final int FLUSH = 512;
    private static final int MOST_STRIPES = 64;
    private static final int STRIPE_ROWS = 128;
    private static final long STRIPE_BYTES = 64L << 20; // for all stripes' gradients together
    private static final long ALONE = 1 << 16; // products of which a thread needs some 10 microseconds
    private static final int CACHED_FLOATS = 4096; // weights that stay in the first cache beside a few rows

    private final int width;
    private final int classes;
    private final int count;
    private final int @Nullable [] index;
    private final SoftmaxBlock body;
    private final WorkCrew crew;
    private final RowBlock[] blocks; // one per thread
    private final boolean shared; // a helper is worth waking
    private final int stripeRows;
    private final double[][] stripeGradients; // [stripes, classes * (width + 1)]
    private final double[] stripeLosses; // [stripes]
    private final float[] weights; // [classes padded, stride]
    private final float[] biases; // [classes]
    private final AtomicInteger next = new AtomicInteger();
    private int @Nullable [] labels;
    private float @Nullable [] soft;
    private float @Nullable [] rowWeights;
    private float @Nullable [] scales;

    /** Like {@link #SoftmaxRegressionKernel(MemorySegment, int[], int, int, int)} over the first n rows. */
    public SoftmaxRegressionKernel(MemorySegment rows, long n, int width, int classes, int threads) {
        this(rows, null, checkedCount(rows, n, width), width, classes, threads, SoftmaxBlock.best(width));
    }

    /**
     * Takes rows [any number, width] of float32, which several threads must be able to read (any but a confined arena's
     * segment); the i-th row of the problem is row index[i].
     */
    public SoftmaxRegressionKernel(MemorySegment rows, int[] index, int width, int classes, int threads) {
        this(rows, checkedIndex(rows, index, width), index.length, width, classes, threads, SoftmaxBlock.best(width));
    }

    SoftmaxRegressionKernel(
            MemorySegment rows,
            int @Nullable [] index,
            int count,
            int width,
            int classes,
            int threads,
            SoftmaxBlock body) {
        if (classes < 2) {
            throw new IllegalArgumentException("classes must be at least 2; got " + classes);
        }
        this.index = index;
        this.count = count;
        this.width = width;
        this.classes = classes;
        this.body = body;
        crew = new WorkCrew(threads);
        int size = classes <= 16 ? 16 : width <= 2048 ? 64 : 32;
        blocks = new RowBlock[threads];
        Arrays.setAll(blocks, worker -> new RowBlock(rows, width, classes, size, body.lanes()));
        long stripeBytes = 8L * classes * (width + 1);
        long most = Math.clamp(STRIPE_BYTES / stripeBytes, 4, MOST_STRIPES);
        int stripes = (int) Math.clamp(count / STRIPE_ROWS, 1, most);
        stripeRows = ((count + stripes - 1) / stripes + size - 1) / size * size;
        stripeGradients = new double[(count + stripeRows - 1) / stripeRows][classes * (width + 1)];
        stripeLosses = new double[stripeGradients.length];
        shared = stripeLosses.length > 1 && (long) count * width * classes > ALONE;
        weights = new float[blocks[0].gradient.length];
        biases = new float[classes];
    }

    private static int checkedCount(MemorySegment rows, long n, int width) {
        if (n < 1 || n > Integer.MAX_VALUE - 64 || width < 1 || rows.byteSize() / 4 / width < n) {
            throw new IllegalArgumentException("rows must hold n x width floats, n from 1 to 2^31 - 65; got n=" + n
                    + ", width=" + width + ", bytes=" + rows.byteSize());
        }
        return (int) n;
    }

    private static int[] checkedIndex(MemorySegment rows, int[] index, int width) {
        long held = rows.byteSize() / 4 / Math.max(1, width);
        checkedCount(rows, 1, width);
        if (index.length == 0) {
            throw new IllegalArgumentException("index must name at least one row; got none");
        }
        for (int row : index) {
            if (row < 0 || row >= held) {
                throw new IllegalArgumentException("index must lie in [0, " + held + "); got " + row);
            }
        }
        return index.clone();
    }

    /** Returns how many rows the problem has. */
    public int rows() {
        return count;
    }

    /** Sets one label per row of the problem, each in [0, classes); the array is not copied. */
    public void target(int[] rowLabels) {
        requireLength("labels", rowLabels.length, count);
        for (int label : rowLabels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException("labels must lie in [0, " + classes + "); got " + label);
            }
        }
        labels = rowLabels;
        soft = null;
    }

    /** Sets target shares [rows, classes], none negative; the array is not copied. */
    public void target(float[] shares) {
        requireLength("shares", shares.length, (long) count * classes);
        soft = shares;
        labels = null;
    }

    /** Sets what each row counts, unitless; null for 1 each. The loss is divided by their sum. Not copied. */
    public void rowWeights(float @Nullable [] each) {
        if (each != null) {
            requireLength("row weights", each.length, count);
        }
        rowWeights = each;
    }

    /** Sets what each row's features are multiplied by; null for 1 each. Not copied. */
    public void rowScales(float @Nullable [] each) {
        if (each != null) {
            requireLength("row scales", each.length, count);
        }
        scales = each;
    }

    private static void requireLength(String what, long got, long must) {
        if (got != must) {
            throw new IllegalArgumentException(what + " must have length " + must + "; got " + got);
        }
    }

    /**
     * Returns the mean loss at the parameters and writes its gradient; both [classes, width + 1]. The gradient is all that
     * is written.
     */
    public double lossAndGradient(double[] parameters, double[] gradient) {
        requireLength("gradient", gradient.length, (long) classes * (width + 1));
        if (labels == null && soft == null) {
            throw new IllegalStateException("targets must be set before the loss; got none");
        }
        pack(parameters);
        next.set(0);
        crew.run(
                worker -> {
                    for (int stripe = next.getAndIncrement();
                            stripe < stripeLosses.length;
                            stripe = next.getAndIncrement()) {
                        lossOfStripe(blocks[worker], stripe);
                    }
                },
                shared);
        return collect(gradient);
    }

    /** Writes z [rows, classes] of the parameters [classes, width + 1] into out, float32. */
    public void logits(double[] parameters, MemorySegment out) {
        if (out.byteSize() < 4L * count * classes) {
            throw new IllegalArgumentException("out must hold rows x classes floats; got bytes=" + out.byteSize()
                    + " for " + count + "x" + classes);
        }
        pack(parameters);
        next.set(0);
        crew.run(
                worker -> {
                    for (int stripe = next.getAndIncrement();
                            stripe < stripeLosses.length;
                            stripe = next.getAndIncrement()) {
                        logitsOfStripe(blocks[worker], stripe, out);
                    }
                },
                shared);
    }

    private void pack(double[] parameters) {
        requireLength("parameters", parameters.length, (long) classes * (width + 1));
        RowBlock shape = blocks[0];
        for (int k = 0; k < classes; k++) {
            int from = k * (width + 1);
            for (int j = 0; j < width; j++) {
                weights[k * shape.stride + shape.place(j)] = (float) parameters[from + j];
            }
            biases[k] = (float) parameters[from + width];
        }
    }

    private double collect(double[] gradient) {
        double total = count;
        if (rowWeights != null) {
            total = 0;
            for (float each : rowWeights) {
                total += each;
            }
        }
        double loss = 0;
        Arrays.fill(gradient, 0);
        for (int stripe = 0; stripe < stripeLosses.length; stripe++) {
            loss += stripeLosses[stripe];
            double[] part = stripeGradients[stripe];
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] += part[i];
            }
        }
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] /= total;
        }
        return loss / total;
    }

    private int stripeEnd(int stripe) {
        return (int) Math.min(count, (stripe + 1L) * stripeRows);
    }

    private void lossOfStripe(RowBlock block, int stripe) {
        double[] sums = stripeGradients[stripe];
        Arrays.fill(sums, 0);
        double loss = 0;
        int unflushed = 0;
        int end = stripeEnd(stripe);
        for (int row = stripe * stripeRows; row < end; row += block.size) {
            int held = Math.min(block.size, end - row);
            scores(block, row, held);
            loss += factors(block, row, held, sums);
            backward(block);
            unflushed += held;
            if (unflushed >= FLUSH) {
                flush(block, sums);
                unflushed = 0;
            }
        }
        flush(block, sums);
        stripeLosses[stripe] = loss;
    }

    private void logitsOfStripe(RowBlock block, int stripe, MemorySegment out) {
        int end = stripeEnd(stripe);
        for (int row = stripe * stripeRows; row < end; row += block.size) {
            int held = Math.min(block.size, end - row);
            scores(block, row, held);
            for (int i = 0; i < held; i++) {
                long at = (long) (row + i) * classes;
                for (int k = 0; k < classes; k++) {
                    out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * (at + k), block.logits[k * block.size + i]);
                }
            }
        }
    }

    /** Sets offsets and logits of the rows from first on. */
    private void scores(RowBlock block, int first, int held) {
        int size = block.size;
        for (int i = 0; i < size; i++) {
            int row = first + Math.min(i, held - 1);
            block.offsets[i] = 4L * width * (index == null ? row : index[row]);
        }
        block.touch();
        int step = rowsPerSweep(block);
        for (int from = 0; from < size; from += step) {
            for (int k = 0; k < block.classes; k += 2) {
                for (int row = from; row < from + step; row += 4) {
                    body.products(block, row, weights, k);
                }
            }
        }
        if (scales != null) {
            scale(block, first, held, scales);
        }
        for (int k = 0; k < classes; k++) {
            for (int i = k * size; i < (k + 1) * size; i++) {
                block.logits[i] += biases[k];
            }
        }
    }

    /** All rows of the block pass a pair of classes before the next pair comes, unless the weights fit the first cache. */
    private static int rowsPerSweep(RowBlock block) {
        return block.gradient.length <= CACHED_FLOATS ? 4 : block.size;
    }

    private void scale(RowBlock block, int first, int held, float[] each) {
        for (int k = 0; k < classes; k++) {
            for (int i = 0; i < held; i++) {
                block.logits[k * block.size + i] *= each[first + i];
            }
        }
    }

    /** Turns logits into the factors of the rows in the gradient; returns the rows' loss and adds the biases' gradient. */
    private double factors(RowBlock block, int first, int held, double[] sums) {
        double[] losses = new double[held];
        for (int i = 0; i < held; i++) {
            losses[i] = -targetScore(block, first + i, i);
        }
        body.softmax(block, classes);
        double loss = 0;
        for (int i = 0; i < held; i++) {
            double weight = rowWeights == null ? 1 : rowWeights[first + i];
            double mass = soft == null ? 1 : mass(soft, first + i);
            loss += weight * (losses[i] + mass * (block.largest[i] + Math.log(block.sums[i])));
            subtractTargets(block, first + i, i, (float) weight, (float) mass);
        }
        for (int k = 0; k < classes; k++) {
            Arrays.fill(block.logits, k * block.size + held, (k + 1) * block.size, 0);
            float bias = 0;
            for (int i = k * block.size; i < k * block.size + held; i++) {
                bias += block.logits[i];
            }
            sums[k * (width + 1) + width] += bias;
        }
        if (scales != null) {
            scale(block, first, held, scales);
        }
        return loss;
    }

    private double targetScore(RowBlock block, int row, int i) {
        if (labels != null) {
            return block.logits[labels[row] * block.size + i];
        }
        float[] shares = Objects.requireNonNull(soft);
        double score = 0;
        for (int k = 0; k < classes; k++) {
            score += (double) shares[row * classes + k] * block.logits[k * block.size + i];
        }
        return score;
    }

    private double mass(float[] shares, int row) {
        double mass = 0;
        for (int k = 0; k < classes; k++) {
            mass += shares[row * classes + k];
        }
        return mass;
    }

    private void subtractTargets(RowBlock block, int row, int i, float weight, float mass) {
        float[] factors = block.logits;
        if (labels != null) {
            factors[labels[row] * block.size + i] -= 1;
            if (weight == 1) {
                return;
            }
            for (int k = 0; k < classes; k++) {
                factors[k * block.size + i] *= weight;
            }
            return;
        }
        float[] shares = Objects.requireNonNull(soft);
        for (int k = 0; k < classes; k++) {
            int at = k * block.size + i;
            factors[at] = weight * (mass * factors[at] - shares[row * classes + k]);
        }
    }

    private void backward(RowBlock block) {
        int step = rowsPerSweep(block);
        for (int from = 0; from < block.size; from += step) {
            for (int k = 0; k < block.classes; k += 2) {
                for (int row = from; row < from + step; row += 4) {
                    body.accumulate(block, row, k);
                }
            }
        }
    }

    private void flush(RowBlock block, double[] sums) {
        for (int k = 0; k < classes; k++) {
            int to = k * (width + 1);
            int from = k * block.stride;
            for (int j = 0; j < width; j++) {
                sums[to + j] += block.gradient[from + block.place(j)];
            }
        }
        Arrays.fill(block.gradient, 0);
    }

    @Override
    public void close() {
        crew.close();
    }
}
