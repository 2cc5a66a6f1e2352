package dev.lapidary.concept.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowProductsTest {
    private final RowProducts products = new RowProducts();

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,5,7", "17,33,65", "8,16,32"})
    void areThoseOfFloat64(int n, int m, int width) {
        try (Arena arena = Arena.ofConfined()) {
            FloatMatrix a = random(arena, n, width, 1);
            FloatMatrix b = random(arena, m, width, 2);
            FloatMatrix out = FloatMatrix.allocate(arena, n, m);
            products.timesTransposed(a, b, out); // [n, m]
            for (int i = 0; i < n; i++) {
                assertThat(out.row(i)).containsExactly(b.times(a.row(i)), within(1e-5 * width));
            }

            FloatMatrix c = random(arena, n, m, 3);
            FloatMatrix back = FloatMatrix.allocate(arena, n, width);
            products.times(c, b, back); // [n, width]
            FloatMatrix turned = FloatMatrix.allocate(arena, width, m);
            products.transposedTimes(a, c, turned); // [width, m]
            for (int j = 0; j < width; j++) {
                for (int i = 0; i < n; i++) {
                    double sum = 0;
                    for (int k = 0; k < m; k++) {
                        sum += (double) c.get(i, k) * b.get(k, j);
                    }
                    assertThat((double) back.get(i, j)).isCloseTo(sum, within(1e-5 * m));
                }
                for (int k = 0; k < m; k++) {
                    double sum = 0;
                    for (int i = 0; i < n; i++) {
                        sum += (double) a.get(i, j) * c.get(i, k);
                    }
                    assertThat((double) turned.get(j, k)).isCloseTo(sum, within(1e-5 * n));
                }
            }
        }
    }

    private static FloatMatrix random(Arena arena, int rows, int width, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FloatMatrix matrix = FloatMatrix.allocate(arena, rows, width);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                matrix.set(i, j, (float) random.nextDouble(-1, 1));
            }
        }
        return matrix;
    }
}
