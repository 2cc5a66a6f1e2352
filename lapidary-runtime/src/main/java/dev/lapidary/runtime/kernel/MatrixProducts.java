package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Multiplies vectors with frozen weight matrices, dense and 2:4: y = x·Wᵀ.
 *
 * <p>A value of y is added up in an order that depends on the matrix's shape alone: neither the number of threads nor the
 * width of a vector changes a bit, nor does it matter which other vectors come along, once there are at least
 * {@value #BATCH} of them. For 2:4 matrices one vector and many give the same bits too.
 *
 * <p>Calls are served one after the other, so one object may be used by many threads. A call allocates nothing once its
 * buffers have grown to the largest matrix that came. Memory that was closed before a call is refused; whoever closes it
 * during one ends the process. {@link #close} ends the threads.
 */
public final class MatrixProducts implements AutoCloseable {
    /** From this number on vectors are multiplied as a matrix; fewer one by one. */
    static final int BATCH = 4;

    private static final int UNIT = 16; // rows of a dense matrix that a thread takes at least
    private static final int PANELS = 8; // of a 2:4 matrix that it takes at most

    private static final long ALONE = 96 << 10; // bytes that one thread reads faster than another wakes up
    private static final Logger LOG = LoggerFactory.getLogger(MatrixProducts.class);

    static {
        if (!Simd.on()) {
            LOG.warn("matrix products run without vectors, many times slower. {}", Simd.describe());
        }
    }

    private final ProductPasses passes;
    private final WorkCrew crew;
    private final ProductScratch[] scratch;
    private final BatchProduct batch;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger next = new AtomicInteger(); // unit that nobody has taken yet
    private final WorkCrew.Body body = this::runVector;

    private WeightMatrix[] matrices = new WeightMatrix[1]; // of the current call
    private MemorySegment[] outs = new MemorySegment[1];
    private int count; // of them
    private int units; // of all of them
    private long x;
    private int vector;

    /** Starts threads − 1 helpers. */
    public MatrixProducts(int threads) {
        this(threads, Simd.on() ? new VectorProductPasses() : new ScalarProductPasses());
    }

    MatrixProducts(int threads, ProductPasses passes) {
        this.passes = passes;
        crew = new WorkCrew(threads);
        scratch = new ProductScratch[threads];
        for (int i = 0; i < threads; i++) {
            scratch[i] = new ProductScratch();
        }
        batch = new BatchProduct(passes, crew, scratch);
    }

    /** Number of threads, the caller's among them. */
    public int threads() {
        return crew.threads();
    }

    /**
     * Sets y [n, rows] to x [n, columns] times the transposed matrix; both float32 in native memory, which must not overlap.
     */
    public void multiply(WeightMatrix matrix, MemorySegment in, int n, MemorySegment out) {
        lock.lock();
        try {
            matrices[0] = matrix;
            outs[0] = out;
            count = 1;
            multiply(in, n);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Multiplies the same vectors with several matrices as {@link #multiply(WeightMatrix, MemorySegment, int, MemorySegment)} does
     * with each, to the same bits, but threads meet only once and prepare x only once for matrices of a kind that follow each
     * other.
     *
     * @param weights with equally many columns
     * @param out for each matrix its y; they must not overlap
     */
    public void multiply(List<WeightMatrix> weights, MemorySegment in, int n, List<MemorySegment> out) {
        if (weights.isEmpty() || weights.size() != out.size()) {
            throw new InputException("each of at least one matrix must have its y; got " + weights.size()
                    + " matrices and " + out.size() + " y");
        }
        lock.lock();
        try {
            reserve(weights.size());
            for (int i = 0; i < weights.size(); i++) {
                matrices[i] = weights.get(i);
                outs[i] = out.get(i);
            }
            count = weights.size();
            multiply(in, n);
        } finally {
            lock.unlock();
        }
    }

    private void reserve(int size) {
        if (matrices.length < size) {
            matrices = new WeightMatrix[size];
            outs = new MemorySegment[size];
        }
    }

    private void multiply(MemorySegment in, int n) {
        try {
            check(in, n);
            if (n >= BATCH) {
                for (int m = 0; m < count; m++) {
                    batch.multiply(matrices[m], in.address(), n, outs[m].address());
                }
            } else {
                for (vector = 0; vector < n; vector++) {
                    x = in.address() + 4L * vector * matrices[0].columns();
                    multiplyVector();
                }
            }
        } finally {
            Reference.reachabilityFence(in);
            Arrays.fill(matrices, null);
            Arrays.fill(outs, null);
        }
    }

    private void check(MemorySegment in, int n) {
        if (n < 1) {
            throw new InputException("n must be at least 1; got " + n);
        }
        int columns = matrices[0].columns();
        MatrixMemory.checkNative("x", in, 4L * n * columns);
        for (int m = 0; m < count; m++) {
            if (matrices[m].columns() != columns) {
                throw new InputException("matrices must have " + columns + " columns; got " + matrices[m].columns());
            }
            MatrixMemory.checkOpen("weights", matrices[m].data());
            MatrixMemory.checkOpen("scales", matrices[m].scales());
            MatrixMemory.checkNative("y", outs[m], 4L * n * matrices[m].rows());
        }
    }

    private void multiplyVector() {
        long bytes = 0;
        units = 0;
        for (int m = 0; m < count; m++) {
            bytes += matrices[m].bytes();
            units += units(matrices[m]);
        }
        next.set(0);
        crew.run(body, bytes > ALONE);
    }

    private void runVector(int worker) {
        ProductScratch own = scratch[worker];
        own.x = x;
        WeightMatrix prepared = null;
        int first = 0;
        for (int m = 0; m < count; m++) {
            WeightMatrix matrix = matrices[m];
            if (prepared == null || prepared.type() != matrix.type() || prepared.getClass() != matrix.getClass()) {
                passes.prepare(matrix, x, own.prepared(passes.preparedBytes(matrix)));
                prepared = matrix;
            }
            runUnits(matrix, first, own, outs[m].address() + 4L * vector * matrix.rows());
            first += units(matrix);
        }
    }

    /** Does units of a matrix, of which the first bears this number, until all are taken. */
    private void runUnits(WeightMatrix matrix, int first, ProductScratch own, long y) {
        int end = first + units(matrix);
        int from = next.get();
        while (from < end) {
            int to = Math.min(from + together(matrix, units - from), end);
            if (next.compareAndSet(from, to)) {
                run(matrix, from - first, to - first, own, y);
            }
            from = next.get();
        }
    }

    private void run(WeightMatrix matrix, int from, int to, ProductScratch own, long y) {
        switch (matrix) {
            case DenseMatrix dense -> passes.dense(dense, from * UNIT, Math.min(to * UNIT, dense.rows()), own, y);
            case SparseMatrix sparse -> passes.sparse(sparse, from, to, own, y);
        }
    }

    /** Pieces of a matrix that one thread does: panels of a 2:4 matrix, {@value #UNIT} rows of a dense one. */
    private static int units(WeightMatrix matrix) {
        return switch (matrix) {
            case DenseMatrix dense -> (dense.rows() - 1) / UNIT + 1;
            case SparseMatrix sparse -> sparse.layout().panels();
        };
    }

    /**
     * Units that a thread takes at once: many at first, since memory is read faster in long streams; one at the end, so that
     * threads end together.
     */
    private int together(WeightMatrix matrix, int left) {
        int most = matrix instanceof SparseMatrix ? PANELS : SparseLayout.PANEL / UNIT;
        return Math.clamp(left / crew.threads(), 1, most);
    }

    /** Runs a body on every thread, after the calls before it, or at once by the caller alone where it is not shared. */
    void run(WorkCrew.Body work, boolean shared) {
        if (shared) {
            lock.lock();
        }
        try {
            crew.run(work, shared);
        } finally {
            if (shared) {
                lock.unlock();
            }
        }
    }

    /** Ends the threads and gives the buffers back; waits for a call under way. Once closed, further calls have no effect. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (crew.closed()) {
                return;
            }
            crew.close();
            for (ProductScratch each : scratch) {
                each.close();
            }
            batch.close();
        } finally {
            lock.unlock();
        }
    }
}
