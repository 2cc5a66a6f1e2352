package dev.lapidary.language;

import dev.lapidary.runtime.model.TextWindows;
import dev.lapidary.torch.Torch;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Scores batches of windows on as many threads as PyTorch may use, each batch on one, and hands the results back in order.
 *
 * <p>A small model's products are too short to share: one thread for each batch needs no waiting and also spreads all that is no
 * product. The first batch runs alone, because it fills what later ones only read.
 */
final class WindowCrew implements AutoCloseable {
    private final WindowScorer scorer;
    private final Torch.Lease lease;
    private final ExecutorService pool;
    private final int room; // batches under way at once
    private final Queue<Future<Scored>> running = new ArrayDeque<>();
    private boolean first = true;

    /** The losses of a batch. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Scored(double[] losses, int windows) {}

    WindowCrew(WindowScorer scorer) {
        this.scorer = scorer;
        int threads = Torch.threads();
        this.room = threads == 1 ? 1 : threads + 1; // one waits
        this.lease = Torch.oneThreadPerProduct();
        this.pool = Executors.newFixedThreadPool(threads);
    }

    boolean busy() {
        return !running.isEmpty();
    }

    boolean ready() {
        return first ? running.isEmpty() : running.size() < room;
    }

    void submit(TextWindows.Batch windows) {
        running.add(pool.submit(() -> new Scored(scorer.losses(windows), windows.count())));
    }

    /** Waits for the oldest batch. */
    Scored take() {
        try {
            return running.remove().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("a batch must end normally; got " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was interrupted", e);
        } finally {
            first = false;
        }
    }

    /** Waits for what is under way and gives the threads back. */
    @Override
    public void close() {
        running.forEach(batch -> batch.cancel(false));
        pool.close();
        lease.close();
    }
}
