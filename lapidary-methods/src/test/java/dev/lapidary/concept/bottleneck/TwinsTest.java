package dev.lapidary.concept.bottleneck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lapidary.concept.classifier.ConceptGates;
import dev.lapidary.concept.search.FloatMatrix;
import dev.lapidary.concept.search.SearchProducts;
import dev.lapidary.relax.HardConcrete;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a saved classifier calculates by itself must be what training calculated. */
class TwinsTest {
    @ParameterizedTest
    @ValueSource(doubles = {-50, -2.5, -2.3978, -1, -1e-9, 0, 0.3, 2, 2.3979, 2.5, 50})
    void aGateIsTheHardConcreteOneAfterTraining(double logAlpha) {
        var gates = new ConceptGates(new double[] {0.5}, new double[] {logAlpha / 2});

        assertThat(gates.gate(0, logAlpha)).isEqualTo(HardConcrete.standard().gate(logAlpha));
    }

    @Test
    void aSearchMultipliesWithPyTorchWhereThatIs() {
        assertThat(ServiceLoader.load(SearchProducts.class))
                .singleElement()
                .isInstanceOf(TorchSearchProducts.class)
                .satisfies(products -> assertThat(products.available()).isTrue());
    }

    @Test
    void productsOfPyTorchAreWrittenIntoTheGivenMemory() {
        SearchProducts products = new TorchSearchProducts();
        try (Arena arena = Arena.ofConfined();
                SearchProducts.Lease lease = products.oneThreadPerProduct()) {
            FloatMatrix a = matrix(arena, 2, 1, 2, 3, 4);
            FloatMatrix b = matrix(arena, 2, 5, 6, 7, 8);
            FloatMatrix out = matrix(arena, 2, 0, 0, 0, 0);

            products.timesTransposed(a, b, out);
            assertThat(values(out)).containsExactly(new float[] {17, 23, 39, 53}, within(1e-5f));
            products.transposedTimes(a, b, out);
            assertThat(values(out)).containsExactly(new float[] {26, 30, 38, 44}, within(1e-5f));
            products.times(a, b, out);
            assertThat(values(out)).containsExactly(new float[] {19, 22, 43, 50}, within(1e-5f));
        }
    }

    private static FloatMatrix matrix(Arena arena, int width, float... values) {
        MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
        return new FloatMatrix(memory, values.length / width, width);
    }

    private static float[] values(FloatMatrix matrix) {
        return matrix.memory().toArray(ValueLayout.JAVA_FLOAT);
    }
}
