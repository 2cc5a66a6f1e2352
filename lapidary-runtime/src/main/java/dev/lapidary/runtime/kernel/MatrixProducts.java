package dev.lapidary.runtime.kernel;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
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
 * buffers have grown to the largest matrix that came. {@link #close} ends the threads.
 */
public final class MatrixProducts implements AutoCloseable {
    /** So many vectors are multiplied as a matrix, fewer one by one. */
    static final int BATCH = 4;

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
    private final AtomicInteger next = new AtomicInteger();
    private final WorkCrew.Body body = this::runVector;

    private @Nullable WeightMatrix weights; // of the current call
    private long x;
    private long y;

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
        if (n < 1) {
            throw new InputException("n must be at least 1; got " + n);
        }
        MatrixMemory.check("x", in, 4L * n * matrix.columns());
        MatrixMemory.check("y", out, 4L * n * matrix.rows());
        lock.lock();
        try {
            if (n >= BATCH) {
                batch.multiply(matrix, in.address(), n, out.address());
            } else {
                for (int i = 0; i < n; i++) {
                    x = in.address() + 4L * i * matrix.columns();
                    y = out.address() + 4L * i * matrix.rows();
                    multiplyVector(matrix);
                }
            }
        } finally {
            lock.unlock();
            Reference.reachabilityFence(matrix);
            Reference.reachabilityFence(in);
            Reference.reachabilityFence(out);
        }
    }

    private void multiplyVector(WeightMatrix matrix) {
        weights = matrix;
        next.set(0);
        if (matrix.bytes() <= ALONE) {
            runVector(0);
        } else {
            crew.run(body);
        }
        weights = null;
    }

    private void runVector(int worker) {
        WeightMatrix matrix = weights;
        if (matrix == null) {
            throw new IllegalStateException("a product must be under way; got none");
        }
        ProductScratch own = scratch[worker];
        own.x = x;
        passes.prepare(matrix, x, own.prepared(passes.preparedBytes(matrix)));
        int panels = (matrix.rows() - 1) / SparseLayout.PANEL + 1;
        int together = matrix instanceof SparseMatrix ? ProductPasses.PANELS : 1;
        for (int from = next.getAndAdd(together); from < panels; from = next.getAndAdd(together)) {
            int to = Math.min(from + together, panels);
            switch (matrix) {
                case DenseMatrix dense -> {
                    int row = from * SparseLayout.PANEL;
                    passes.dense(dense, row, Math.min(to * SparseLayout.PANEL, dense.rows()), own, y);
                }
                case SparseMatrix sparse -> passes.sparse(sparse, from, to, own, y);
            }
        }
    }

    /** Runs a body on every thread, after the calls before it. */
    void run(WorkCrew.Body work) {
        lock.lock();
        try {
            crew.run(work);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the threads and gives the buffers back; waits for a call under way. */
    @Override
    public void close() {
        lock.lock();
        try {
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
