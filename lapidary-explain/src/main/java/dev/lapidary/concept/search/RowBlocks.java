package dev.lapidary.concept.search;

import dev.lapidary.runtime.Workers;
import java.lang.foreign.Arena;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** Hands out rows in blocks to as many workers as there are processors. */
final class RowBlocks {
    /** Rows of a block: 96 times some thousand concepts stay near a worker's caches, and keep a product efficient. */
    static final int ROWS = 96;

    private RowBlocks() {}

    /** What a worker does with rows [start, start + count), a block at most. */
    interface Step {
        void accept(int start, int count);
    }

    /** Makes a worker's step, with buffers from an arena that closes after the worker's last block. */
    interface StepMaker {
        Step make(Arena arena);
    }

    /** Hands out count rows in blocks of a size; what names the work in messages. */
    static void forEach(String what, int count, int size, StepMaker maker) {
        int blocks = Math.ceilDiv(count, size);
        int workers = Math.min(blocks, Runtime.getRuntime().availableProcessors());
        AtomicInteger next = new AtomicInteger();
        Callable<Void> work = () -> {
            try (Arena arena = Arena.ofConfined()) {
                Step step = maker.make(arena);
                for (int b = next.getAndIncrement(); b < blocks; b = next.getAndIncrement()) {
                    int start = b * size;
                    step.accept(start, Math.min(size, count - start));
                }
            }
            return null;
        };
        Workers.run(what, workers, work);
    }
}
