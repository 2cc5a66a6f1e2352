package dev.lapidary.concept.search;

/**
 * The matrix products of a search, over float32 memory outside the Java heap.
 *
 * <p>Providers are found by {@link java.util.ServiceLoader}: where PyTorch is on the class path its products are used, otherwise
 * Vector API kernels. Both round float32 sums, each in its own order, so scores agree to 1e-5 and not to the bit.
 */
public interface SearchProducts {
    /** Whether what the provider needs is on the class path. */
    boolean available();

    /** Returns how many threads may multiply at once. */
    int threads();

    /** While open, every product runs on its calling thread alone. */
    Lease oneThreadPerProduct();

    /** Writes a · bᵀ: a [n, d], b [m, d], out [n, m]. */
    void timesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix out);

    /** Writes aᵀ · b: a [n, d], b [n, m], out [d, m]. */
    void transposedTimes(FloatMatrix a, FloatMatrix b, FloatMatrix out);

    /** Writes a · b: a [n, d], b [d, m], out [n, m]. */
    void times(FloatMatrix a, FloatMatrix b, FloatMatrix out);

    /** Ends with {@link #close}. */
    @FunctionalInterface
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }
}
