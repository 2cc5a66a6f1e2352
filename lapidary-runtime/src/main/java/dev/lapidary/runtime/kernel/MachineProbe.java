package dev.lapidary.runtime.kernel;

/** Measures what this machine can do at most, so that a benchmark can say what share of it a kernel reaches. */
public final class MachineProbe {
    private static final int ROUNDS = 20;
    private static final int PRODUCTS = 200_000; // per thread and round: some milliseconds

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
