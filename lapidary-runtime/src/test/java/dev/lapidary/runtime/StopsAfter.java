package dev.lapidary.runtime;

import java.util.concurrent.atomic.AtomicLong;

/** Asks to stop, as somebody would with Ctrl-C, when a number of steps of a task is done. */
public record StopsAfter(long steps, Cancellation cancellation) implements Progress {
    @Override
    public Task start(String name, long total) {
        AtomicLong done = new AtomicLong();
        return new Task() {
            @Override
            public void advance(long more) {
                if (done.addAndGet(more) >= steps) {
                    cancellation.cancel();
                }
            }

            @Override
            public void close() {}
        };
    }
}
