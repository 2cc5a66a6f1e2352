package dev.lapidary.runtime.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one body on a fixed number of threads, the caller among them, with a start-up cost of a few microseconds.
 *
 * <p>Helpers spin for a moment after each body and then park, so that short bodies in a row cost no wake-up and idle crews
 * cost no processor time. Which thread does what must never change a result: callers cut their work into pieces whose
 * number and order do not depend on {@link #threads()}. Not for use by several callers at once.
 */
public final class WorkCrew implements AutoCloseable {
    private static final int SPINS = 10_000; // some 0.1 ms
    private static final long NAP_NANOS = 50_000;

    private final Helper[] helpers;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger arrived = new AtomicInteger(); // at the barrier
    private volatile int crossings; // of the barrier; written by the last to come only
    private final AtomicInteger round = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread caller;
    private Body body = worker -> {};

    /** What each thread runs. */
    @FunctionalInterface
    public interface Body {
        /** Does this worker's share; worker lies in [0, threads). */
        void run(int worker);
    }

    /** Starts threads - 1 helpers. */
    public WorkCrew(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1; got " + threads);
        }
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1);
        }
        try {
            for (Helper helper : helpers) {
                helper.start();
            }
        } catch (RuntimeException | Error refused) { // the system gives no more threads: none may be left behind
            close();
            throw refused;
        }
    }

    /** Returns how many threads work, the calling one included. */
    public int threads() {
        return helpers.length + 1;
    }

    /** Runs the body once on every thread and returns when all are done; rethrows the first failure. */
    public void run(Body work) {
        run(work, true);
    }

    /**
     * Runs the body as {@link #run(Body)} does, or by the caller alone, as worker 0, where it is too short to share; a body that
     * waits at the {@link #barrier} must be shared.
     */
    public void run(Body work, boolean shared) {
        if (closed) {
            throw new IllegalStateException("the crew must be open; got a closed one");
        }
        boolean helped = shared && helpers.length > 0;
        if (helped) {
            start(work);
        }
        try {
            // the only call: C2 inlines a body wherever it is called, and makes objects of vectors in methods that grow
            // too large
            work.run(0);
        } catch (RuntimeException | Error problem) {
            if (!helped) {
                throw problem;
            }
            fail(problem);
        }
        if (helped) {
            awaitHelpers();
            rethrow();
        }
    }

    /**
     * Waits inside a body until every thread of the crew has come here; every worker must, equally often. What was written
     * before is seen after.
     */
    @SuppressWarnings("ThreadPriorityCheck") // waits are short, but there may be fewer processors than threads
    public void barrier() {
        if (helpers.length == 0) {
            return;
        }
        int crossing = crossings;
        if (arrived.incrementAndGet() == threads()) {
            arrived.set(0);
            crossings = crossing + 1;
            return;
        }
        for (int spins = 0; crossings == crossing; spins++) {
            if (failure != null) {
                throw new IllegalStateException("another worker failed");
            }
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void start(Body work) {
        body = work;
        failure = null;
        arrived.set(0);
        caller = Thread.currentThread();
        pending.set(helpers.length);
        round.incrementAndGet();
        for (Helper helper : helpers) {
            if (helper.parked) {
                LockSupport.unpark(helper);
            }
        }
    }

    private void awaitHelpers() {
        int spins = 0;
        while (pending.get() > 0) {
            if (++spins < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(this, NAP_NANOS);
            }
        }
    }

    private synchronized void fail(Throwable problem) {
        if (failure == null) {
            failure = problem;
        }
    }

    private void rethrow() {
        Throwable problem = failure;
        if (problem instanceof RuntimeException known) {
            throw known;
        }
        if (problem instanceof Error known) {
            throw known;
        }
    }

    boolean closed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper);
        }
    }

    private final class Helper extends Thread {
        private final int worker;
        private volatile boolean parked;

        Helper(int worker) {
            super("lapidary-kernel-" + worker);
            this.worker = worker;
            setDaemon(true);
        }

        @Override
        public void run() {
            int seen = 0;
            while (awaitRound(seen)) {
                seen = round.get();
                try {
                    body.run(worker);
                } catch (RuntimeException | Error problem) {
                    fail(problem);
                }
                finish();
            }
        }

        private void finish() {
            if (pending.decrementAndGet() == 0) {
                Thread waiting = caller;
                if (waiting != null) {
                    LockSupport.unpark(waiting);
                }
            }
        }

        private boolean awaitRound(int seen) {
            for (int spins = 0; round.get() == seen && !closed; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (round.get() == seen && !closed) {
                        LockSupport.park(WorkCrew.this);
                    }
                    parked = false;
                }
            }
            return !closed;
        }
    }
}
