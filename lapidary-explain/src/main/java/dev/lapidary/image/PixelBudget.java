package dev.lapidary.image;

import java.util.concurrent.Semaphore;

/** Limits the pixels that are decoded at once to a quarter of the memory; a larger picture waits until it is alone. */
final class PixelBudget {
    /** Bytes of a pixel while decoding: compressed, decoded with up to 64 bits, RGB, RGB as it lies. */
    static final int PIXEL = 15;

    private static final int SHARE = 4;
    private static final int UNIT = 1 << 16; // pixels of a permit

    private final int permits;
    private final Semaphore left;

    PixelBudget(long memory) {
        this.permits = Math.clamp(memory / SHARE / PIXEL / UNIT, 1, Integer.MAX_VALUE);
        this.left = new Semaphore(permits, true);
    }

    /** Waits until {@code pixels} more pixels may be decoded, and returns what to release. */
    int acquire(long pixels) throws InterruptedException {
        int wanted = (int) Math.min(permits, 1 + pixels / UNIT);
        left.acquire(wanted);
        return wanted;
    }

    void release(int acquired) {
        left.release(acquired);
    }
}
