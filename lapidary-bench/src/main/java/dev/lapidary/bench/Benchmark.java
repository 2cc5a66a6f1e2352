package dev.lapidary.bench;

import java.util.Map;

/** One comparison of two ways to the same result. What uses PyTorch runs in a {@link SideProcess}. */
interface Benchmark {
    /** Returns the name on the command line. */
    String name();

    /** Returns what is compared, in one line. */
    String summary();

    /**
     * Measures. The result is written as JSON: name, ratio (reference over ours, higher is better), reference, bound (share
     * of the physical limit, 0 to 1), ourMillis, referenceMillis, threads, sizes, repetitions, equal (whether both sides
     * computed the same; absent where nothing is compared); where PyTorch takes part, openBlas (the kernels that its OpenBLAS chose) and openBlasThreads.
     */
    Map<String, Object> run();
}
