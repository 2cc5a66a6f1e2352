package dev.lapidary.kernel;

import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.Simd;
import dev.lapidary.runtime.kernel.WorkCrew;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Measures what this machine can do at most, so that a benchmark can say what share of it a kernel reaches. */
public final class MachineProbe {
    private static final int ROUNDS = 20;
    private static final int PRODUCTS = 200_000; // per thread and round: some milliseconds

    private static final long PROBED = 256L << 20;
    private static final long STRIDE = 4096;

    private MachineProbe() {}

    /** Returns the float32 operations per second of fused multiply-adds in registers: the best of several rounds. */
    public static double flops(int threads) {
        double best = 0;
        float[] sink = new float[threads];
        try (WorkCrew crew = new WorkCrew(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                crew.run(worker -> sink[worker] = Simd.on() ? ProbeLanes.products(PRODUCTS) : scalarProducts());
                best = Math.max(best, operations() * threads / seconds(start));
            }
        }
        return sink[0] > 0 ? best : 0;
    }

    /**
     * Returns the bytes per second that this machine reads from main memory, each thread its own part of 256 MiB: the best of
     * several rounds.
     */
    public static double bandwidth(int threads) {
        double best = 0;
        try (Reading reading = new Reading(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                best = Math.max(best, reading.pass());
            }
        }
        return best;
    }

    /** Reads main memory whenever it is asked to, so that a benchmark can measure the bandwidth in turn with its own work. */
    public static final class Reading implements AutoCloseable {
        private final WorkCrew crew;
        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private final long share; // bytes of a thread
        private final float[] sink;

        /** Takes 256 MiB. */
        public Reading(int threads) {
            crew = new WorkCrew(threads);
            sink = new float[threads];
            share = PROBED / threads / STRIDE * STRIDE;
            memory = arena.allocate(share * threads, STRIDE);
            memory.fill((byte) 1); // else all pages are the same one of zeros
        }

        /** Reads all of it once, each thread its own part, and returns the bytes per second. */
        public double pass() {
            long start = System.nanoTime();
            crew.run(worker -> {
                long at = memory.address() + worker * share;
                sink[worker] = Simd.on() ? ProbeLanes.reads(at, share) : scalarReads(at, share);
            });
            return memory.byteSize() / seconds(start);
        }

        @Override
        public void close() {
            crew.close();
            arena.close();
        }
    }

    private static float scalarReads(long at, long bytes) {
        float sum = 0;
        for (long i = 0; i < bytes; i += 64) { // a float of every cache line
            sum += RawMemory.get(at + i);
        }
        return sum;
    }

    private static double operations() {
        return Simd.on() ? 2.0 * ProbeLanes.SUMS * PRODUCTS * (Simd.bits() / 32) : 2.0 * ProbeLanes.SUMS * PRODUCTS;
    }

    private static float scalarProducts() {
        float[] sums = new float[ProbeLanes.SUMS];
        for (int i = 0; i < PRODUCTS; i++) {
            for (int s = 0; s < sums.length; s++) {
                sums[s] = Math.fma(sums[s], 0.5f, 1f);
            }
        }
        return sums[0];
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
