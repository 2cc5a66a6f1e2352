package dev.lapidary.concept.search;

import java.util.ServiceLoader;

/** The matrix products that a search uses: of the first provider that is available, otherwise {@link RowProducts}. */
final class Products {
    private static final SearchProducts CHOSEN = ServiceLoader.load(
                    SearchProducts.class, Products.class.getClassLoader())
            .stream()
            .map(ServiceLoader.Provider::get)
            .filter(SearchProducts::available)
            .findFirst()
            .orElseGet(RowProducts::new);

    private Products() {}

    static int threads() {
        return CHOSEN.threads();
    }

    static SearchProducts.Lease oneThreadPerProduct() {
        return CHOSEN.oneThreadPerProduct();
    }

    /** Writes a · bᵀ: a [n, d], b [m, d], out [n, m]. */
    static void timesTransposed(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        CHOSEN.timesTransposed(a, b, out);
    }

    /** Writes aᵀ · b: a [n, d], b [n, m], out [d, m]. */
    static void transposedTimes(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        CHOSEN.transposedTimes(a, b, out);
    }

    /** Writes a · b: a [n, d], b [d, m], out [n, m]. */
    static void times(FloatMatrix a, FloatMatrix b, FloatMatrix out) {
        CHOSEN.times(a, b, out);
    }
}
