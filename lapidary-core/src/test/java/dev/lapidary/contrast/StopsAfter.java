package dev.lapidary.contrast;

import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks to stop after a number of steps. */
record StopsAfter(AtomicInteger left, Cancellation cancellation) implements Progress.Task {
    StopsAfter(int steps, Cancellation cancellation) {
        this(new AtomicInteger(steps), cancellation);
    }

    @Override
    public void advance(long steps) {
        if (left.decrementAndGet() == 0) {
            cancellation.cancel();
        }
    }

    @Override
    public void note(String text) {}

    @Override
    public void close() {}
}
