package dev.lapidary.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;

/**
 * Threads that each run PyTorch on one core: their operations and their matrix products call no pool for help.
 *
 * <p>For work that comes in whole pieces, such as windows of a text: a small model's operations are too short to share. While a
 * crew is open no thread of the process shares its products either (see {@link Torch#oneThreadPerProduct}).
 */
public final class TorchCrew implements AutoCloseable {
    private final Torch.Lease lease;
    private final ExecutorService pool;
    private final int threads;

    /** Starts {@code threads} threads, at least 1. */
    public TorchCrew(int threads) {
        this.threads = threads;
        pool = Executors.newFixedThreadPool(
                threads,
                work -> Thread.ofPlatform().name("torch-crew").unstarted(() -> {
                    Torch.operateAlone();
                    work.run();
                }));
        lease = Torch.oneThreadPerProduct();
    }

    /** Returns how many pieces run at once. */
    public int threads() {
        return threads;
    }

    /** Lets the next free thread do some work; work begins in the order in which it was submitted. */
    public <T> Future<T> submit(Callable<T> work) {
        return pool.submit(work);
    }

    /** Waits for what was submitted and returns its result, or throws what it threw. */
    public static <T> T result(Future<T> work) {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException("a piece of work must end normally; got " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the work of a crew was interrupted", e);
        }
    }

    /**
     * Does pieces of work, numbered from 0, and returns the sum of what they return, added in their order. Waits for all, and only then
     * throws what the first that failed threw.
     */
    public double sum(int pieces, IntToDoubleFunction work) {
        List<Future<Double>> running = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            int piece = i;
            running.add(submit(() -> work.applyAsDouble(piece)));
        }
        double sum = 0;
        Throwable failure = null;
        for (Future<Double> each : running) {
            try {
                sum += result(each);
            } catch (RuntimeException | Error e) {
                failure = failure == null ? e : failure;
            }
        }
        return switch (failure) {
            case null -> sum;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        };
    }

    /** Waits for what is under way and gives the threads back. */
    @Override
    public void close() {
        pool.close();
        lease.close();
    }
}
