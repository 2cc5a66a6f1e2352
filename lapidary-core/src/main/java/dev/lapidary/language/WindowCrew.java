package dev.lapidary.language;

import dev.lapidary.runtime.model.TextWindows;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchCrew;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Future;

/**
 * Scores batches of windows on as many threads as PyTorch may use, each batch on one, and hands the results back in order.
 *
 * <p>The first batch runs alone, because it fills what later ones only read.
 */
final class WindowCrew implements AutoCloseable {
    private final WindowScorer scorer;
    private final TorchCrew crew;
    private final int room; // batches under way at once
    private final Queue<Future<Scored>> running = new ArrayDeque<>();
    private boolean first = true;

    /** The losses of a batch. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never changed
    record Scored(double[] losses, int windows) {}

    WindowCrew(WindowScorer scorer) {
        this.scorer = scorer;
        int threads = Torch.threads();
        room = threads == 1 ? 1 : threads + 1; // one waits
        crew = new TorchCrew(threads);
    }

    boolean busy() {
        return !running.isEmpty();
    }

    boolean ready() {
        return first ? running.isEmpty() : running.size() < room;
    }

    void submit(TextWindows.Batch windows) {
        running.add(crew.submit(() -> new Scored(scorer.losses(windows), windows.count())));
    }

    /** Waits for the oldest batch. */
    Scored take() {
        try {
            return TorchCrew.result(running.remove());
        } finally {
            first = false;
        }
    }

    /** Waits for what is under way and gives the threads back. */
    @Override
    public void close() {
        running.forEach(batch -> batch.cancel(false));
        crew.close();
    }
}
