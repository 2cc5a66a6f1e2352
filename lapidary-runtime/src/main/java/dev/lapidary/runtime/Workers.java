package dev.lapidary.runtime;

import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does one piece of work in several threads at once. */
public final class Workers {
    private Workers() {}

    /**
     * Runs the work in each of several threads, and returns when all have ended, whether by themselves or by a failure.
     *
     * @param what names the work in messages, such as "scoring of items"
     * @param threads how many; at least one is used
     * @param work called once by each thread
     * @throws RuntimeException the first failure of the work, unchanged
     * @throws IllegalStateException where this thread is interrupted, or with a checked failure as its cause
     */
    public static void run(String what, int threads, Callable<?> work) {
        int workers = Math.max(1, threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            for (Future<?> done : pool.invokeAll(Collections.nCopies(workers, work))) {
                done.get();
            }
        } catch (ExecutionException failure) {
            throw failure(what, failure);
        } catch (InterruptedException interruption) {
            throw interrupted(what, interruption);
        }
    }

    /** Returns what to throw for a failure in another thread: the failure itself where it is unchecked; an error is thrown. */
    public static RuntimeException failure(String what, ExecutionException failure) {
        if (failure.getCause() instanceof Error error) {
            throw error;
        }
        return failure.getCause() instanceof RuntimeException exception
                ? exception
                : new IllegalStateException(what + " must end normally; got " + failure.getCause(), failure);
    }

    /** Returns what to throw where this thread is interrupted, which stays known to it. */
    public static RuntimeException interrupted(String what, InterruptedException interruption) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(what + " was interrupted", interruption);
    }
}
