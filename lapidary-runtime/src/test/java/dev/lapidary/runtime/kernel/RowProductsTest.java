package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowProductsTest {
    /** Rows in, columns and rows of the matrix, around tiles, blocks and panels. */
    private static final String SHAPES = "1,1,1 5,3,2 6,33,31 7,256,32 12,257,33 13,511,64 100,600,65 0,4,3";

    /** The order of the docstring, written out once more, and the same bits. */
    @Test
    void everyValueIsAddedUpInTheOrderThatIsPromised() {
        try (Arena arena = Arena.ofConfined()) {
            for (String shape : SHAPES.split(" ")) {
                int[] sides = Arrays.stream(shape.split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                int n = sides[0];
                int columns = sides[1];
                int rows = sides[2];
                MemorySegment in = RandomMatrices.floats(arena, (long) n * (columns + 3), 1);
                MemorySegment matrix = RandomMatrices.floats(arena, (long) rows * columns, 2);
                RowProducts products = RowProducts.of(arena, matrix, rows, columns);
                float[] out = multiply(products, in, columns + 3, n);
                for (int i = 0; i < n; i++) {
                    for (int row = 0; row < products.stride(); row++) {
                        float expected =
                                row < rows ? sum(in, i * (columns + 3L), matrix, (long) row * columns, columns) : 0;
                        assertThat(out[i * products.stride() + row])
                                .as("%s: row %d, value %d", shape, i, row)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }

    private static float sum(MemorySegment in, long from, MemorySegment matrix, long row, int columns) {
        float all = 0;
        for (int start = 0; start < columns; start += 256) {
            float block = 0;
            for (int k = start; k < Math.min(columns, start + 256); k++) {
                float left = in.getAtIndex(MatrixMemory.FLOAT, from + k);
                block = Math.fma(left, matrix.getAtIndex(MatrixMemory.FLOAT, row + k), block);
            }
            all = start == 0 ? block : all + block;
        }
        return all;
    }

    /** Blocks are at most 256 long, so the error is at most 256 + blocks roundings of the products' magnitudes. */
    @ParameterizedTest
    @CsvSource({"7, 384, 45", "3, 5051, 10"})
    void productsAreThoseOfFloat64(int n, int columns, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = RandomMatrices.floats(arena, (long) n * columns, 3);
            MemorySegment matrix = RandomMatrices.floats(arena, (long) rows * columns, 4);
            RowProducts products = RowProducts.of(arena, matrix, rows, columns);
            float[] out = multiply(products, in, columns, n);
            for (int i = 0; i < n; i++) {
                for (int row = 0; row < rows; row++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int k = 0; k < columns; k++) {
                        double product = (double) in.getAtIndex(MatrixMemory.FLOAT, (long) i * columns + k)
                                * matrix.getAtIndex(MatrixMemory.FLOAT, (long) row * columns + k);
                        sum += product;
                        magnitude += Math.abs(product);
                    }
                    assertThat(Math.abs(out[i * products.stride() + row] - sum))
                            .isLessThanOrEqualTo((256 + columns / 256 + 1) * 0x1p-24 * magnitude);
                }
            }
        }
    }

    @Test
    void aRowHasTheSameBitsWhereverItStandsAndWhateverStandsBesideIt() {
        int columns = 300;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = RandomMatrices.floats(arena, 41L * columns, 5);
            MemorySegment matrix = RandomMatrices.floats(arena, 70L * columns, 6);
            float[] all = multiply(RowProducts.of(arena, matrix, 70, columns), in, columns, 41);
            for (int first : new int[] {0, 3, 37, 40}) { // alone, and with all that follow
                for (int n : new int[] {1, 41 - first}) {
                    RowProducts few = RowProducts.of(arena, matrix.asSlice(4L * 33 * columns), 5, columns);
                    float[] out = multiply(few, in.asSlice(4L * first * columns), columns, n);
                    for (int row = 0; row < 5; row++) {
                        assertThat(out[row]).isEqualTo(all[first * 96 + 33 + row]);
                    }
                }
            }
        }
    }

    @Test
    void aTransposedMatrixIsPackedAlike() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment matrix = RandomMatrices.floats(arena, 70L * 37, 7);
            MemorySegment transposed = arena.allocate(4L * 70 * 37, 4);
            for (int row = 0; row < 70; row++) {
                for (int k = 0; k < 37; k++) {
                    float value = matrix.getAtIndex(MatrixMemory.FLOAT, row * 37L + k);
                    transposed.setAtIndex(MatrixMemory.FLOAT, k * 70L + row, value);
                }
            }
            MemorySegment in = RandomMatrices.floats(arena, 9L * 37, 8);
            assertThat(multiply(RowProducts.ofTransposed(arena, transposed, 70, 37), in, 37, 9))
                    .isEqualTo(multiply(RowProducts.of(arena, matrix, 70, 37), in, 37, 9));
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment six = arena.allocate(24);
            MemorySegment out = arena.allocate(4L * 32);
            RowProducts products = RowProducts.of(arena, six, 2, 3);
            assertThatThrownBy(() -> RowProducts.of(arena, six, 0, 3)).hasMessageContaining("got 0 x 3");
            assertThatThrownBy(() -> RowProducts.of(arena, six, 3, 3)).hasMessageContaining("hold 36 bytes; got 24");
            assertThatThrownBy(() -> RowProducts.ofTransposed(arena, six, 3, 3))
                    .hasMessageContaining("hold 36 bytes; got 24");
            assertThatThrownBy(() -> products.multiply(six, 2, 1, out))
                    .isInstanceOf(InputException.class)
                    .hasMessage("rows must be at least 0, with at least 3 floats from one to the next; got 1 and 2");
            assertThatThrownBy(() -> products.multiply(six, 4, 2, out)).hasMessageContaining("hold 28 bytes; got 24");
            assertThatThrownBy(() -> products.multiply(six, 3, 2, out)).hasMessageContaining("hold 256 bytes; got 128");
            assertThatThrownBy(() -> products.multiply(MemorySegment.ofArray(new float[3]), 3, 1, out))
                    .hasMessageContaining("got a heap segment");
        }
    }

    @Test
    void memoryThatWasGivenBackIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(12);
            MemorySegment out = arena.allocate(4L * 32);
            RowProducts products;
            try (Arena own = Arena.ofConfined()) {
                products = RowProducts.of(own, in, 1, 3);
            }
            assertThatThrownBy(() -> products.multiply(in, 3, 1, out))
                    .hasMessageContaining("got memory of a closed arena");
        }
    }

    private static float[] multiply(RowProducts products, MemorySegment in, int stride, int n) {
        try (Arena arena = Arena.ofConfined()) {
            int values = n * products.stride();
            MemorySegment out = arena.allocate(4L * values + 8).asSlice(4);
            out.fill((byte) 0x41);
            out.setAtIndex(MatrixMemory.FLOAT, values, 42f);
            products.multiply(in, stride, n, out);
            assertThat(out.getAtIndex(MatrixMemory.FLOAT, values)).isEqualTo(42f);
            return Arrays.copyOf(out.toArray(MatrixMemory.FLOAT), values);
        }
    }
}
