package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductsTest {
    /** Shapes around lanes, blocks, panels, chunks and blocks of columns. */
    private static final String SHAPES =
            "1,1 1,4 2,3 3,31 4,32 5,33 7,64 15,36 16,28 17,100 31,96 33,260 48,256 63,257 64,288 65,292 100,516 130,64";

    @Test
    void everyKindAgreesWithFloat64AndItsScalarTwinBitByBitOnAnyThreads() {
        try (MatrixProducts one = new MatrixProducts(1);
                MatrixProducts two = new MatrixProducts(2);
                MatrixProducts scalar = new MatrixProducts(1, new ScalarProductPasses())) {
            for (String shape : SHAPES.split(" ")) {
                String[] sides = shape.split(",");
                check(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), one, two, scalar);
            }
        }
    }

    private static void check(int rows, int columns, MatrixProducts one, MatrixProducts two, MatrixProducts scalar) {
        try (Arena arena = Arena.ofShared()) {
            for (WeightMatrix matrix : RandomMatrices.all(arena, rows, columns, rows * 1000L + columns)) {
                for (int n : new int[] {1, 2, 5, 33}) {
                    MemorySegment x = RandomMatrices.floats(arena, (long) n * columns, n);
                    float[] y = multiply(one, matrix, x, n);
                    assertThat(y)
                            .as("%s n=%d", RandomMatrices.name(matrix), n)
                            .isEqualTo(multiply(scalar, matrix, x, n));
                    assertThat(multiply(two, matrix, x, n)).isEqualTo(y);
                    assertNear(matrix, x, n, y);
                }
            }
        }
    }

    /** The error of a sum of float32 products is at most columns · 2⁻²³ times the sum of their magnitudes. */
    private static void assertNear(WeightMatrix matrix, MemorySegment x, int n, float[] y) {
        float[][] weights = RandomMatrices.weights(matrix);
        int columns = matrix.columns();
        for (int i = 0; i < n; i++) {
            for (int row = 0; row < matrix.rows(); row++) {
                double sum = 0;
                double magnitude = 0;
                for (int column = 0; column < columns; column++) {
                    double product = (double) weights[row][column]
                            * x.getAtIndex(MatrixMemory.FLOAT, (long) i * columns + column);
                    sum += product;
                    magnitude += Math.abs(product);
                }
                double bound = (columns + 4) * 0x1p-24 * magnitude + 1e-30;
                assertThat(Math.abs(y[i * matrix.rows() + row] - sum))
                        .as("%s n=%d token %d row %d", RandomMatrices.name(matrix), n, i, row)
                        .isLessThanOrEqualTo(bound);
            }
        }
    }

    private static float[] multiply(MatrixProducts products, WeightMatrix matrix, MemorySegment x, int n) {
        try (Arena arena = Arena.ofConfined()) {
            int values = n * matrix.rows();
            MemorySegment y = arena.allocate(4L * values + 8).asSlice(4);
            y.setAtIndex(MatrixMemory.FLOAT, values, 42f);
            products.multiply(matrix, x, n, y);
            assertThat(y.getAtIndex(MatrixMemory.FLOAT, values)).isEqualTo(42f);
            return Arrays.copyOf(y.toArray(MatrixMemory.FLOAT), values);
        }
    }

    @Test
    void manyVectorsGiveTheBitsOfOneForTwoOfFour() {
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(2)) {
            for (WeightMatrix matrix : RandomMatrices.all(arena, 150, 600, 5)) {
                if (matrix instanceof DenseMatrix) {
                    continue;
                }
                MemorySegment x = RandomMatrices.floats(arena, 40L * 600, 9);
                float[] together = multiply(products, matrix, x, 40);
                for (int i = 0; i < 40; i++) {
                    float[] alone = multiply(products, matrix, x.asSlice(2400L * i), 1);
                    assertThat(Arrays.copyOfRange(together, 150 * i, 150 * (i + 1)))
                            .isEqualTo(alone);
                }
            }
        }
    }

    @Test
    void severalMatricesTogetherGiveTheBitsOfEach() {
        try (Arena arena = Arena.ofShared();
                MatrixProducts one = new MatrixProducts(1);
                MatrixProducts three = new MatrixProducts(3)) {
            List<WeightMatrix> matrices = new ArrayList<>();
            for (int rows : new int[] {600, 1, 70, 131}) {
                matrices.addAll(RandomMatrices.all(arena, rows, 292, rows));
            }
            for (int n : new int[] {1, 3, 5}) {
                MemorySegment x = RandomMatrices.floats(arena, n * 292L, n);
                List<MemorySegment> together = new ArrayList<>();
                matrices.forEach(each -> together.add(arena.allocate(4L * n * each.rows(), 4)));
                three.multiply(matrices, x, n, together);
                for (int i = 0; i < matrices.size(); i++) {
                    assertThat(together.get(i).toArray(MatrixMemory.FLOAT))
                            .as("%s n=%d", RandomMatrices.name(matrices.get(i)), n)
                            .isEqualTo(multiply(one, matrices.get(i), x, n));
                }
            }
        }
    }

    @Test
    void refusesMatricesOfDifferentInputsTogether() {
        try (Arena arena = Arena.ofConfined();
                MatrixProducts products = new MatrixProducts(1)) {
            WeightMatrix wide = DenseMatrix.f32(2, 4, arena.allocate(32));
            WeightMatrix narrow = DenseMatrix.f32(2, 3, arena.allocate(24));
            MemorySegment x = arena.allocate(16);
            MemorySegment y = arena.allocate(8);
            assertThatThrownBy(() -> products.multiply(List.of(wide, narrow), x, 1, List.of(y, y)))
                    .isInstanceOf(InputException.class)
                    .hasMessage("matrices must have 4 columns; got 3");
            assertThatThrownBy(() -> products.multiply(List.of(wide, wide), x, 1, List.of(y)))
                    .hasMessageContaining("got 2 matrices and 1 y");
        }
    }

    @Test
    void onceClosedRefusesEvenTheSmallestProductsAndMayBeClosedAgain() {
        try (Arena arena = Arena.ofConfined()) {
            DenseMatrix matrix = DenseMatrix.f32(2, 3, arena.allocate(24));
            MatrixProducts products = new MatrixProducts(1);
            products.close();
            products.close();
            for (int n : new int[] {1, MatrixProducts.BATCH}) {
                MemorySegment x = arena.allocate(12L * n);
                MemorySegment y = arena.allocate(8L * n);
                assertThatThrownBy(() -> products.multiply(matrix, x, n, y))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
        }
    }

    @Test
    void moreVectorsThanASliceAreMultipliedAlike() {
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(2)) {
            DenseMatrix matrix = DenseMatrix.f32(20, 40, RandomMatrices.floats(arena, 800, 1));
            MemorySegment x = RandomMatrices.floats(arena, 600L * 40, 2);
            float[] together = multiply(products, matrix, x, 600);
            float[] last = multiply(products, matrix, x.asSlice(590L * 160), 10);
            assertThat(Arrays.copyOfRange(together, 590 * 20, 600 * 20)).isEqualTo(last);
        }
    }

    @Test
    void whatIsNotKeptIsNeverRead() {
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(1)) {
            MemorySegment weights = RandomMatrices.floats(arena, 64, 3);
            for (int i = 0; i < 64; i++) {
                if (i % 4 == 0 || i % 4 == 3) { // code 3 keeps columns 1 and 2
                    weights.setAtIndex(MatrixMemory.FLOAT, i, Float.NaN);
                }
            }
            byte[] codes = new byte[16];
            Arrays.fill(codes, (byte) 3);
            SparseMatrix matrix = SparseMatrix.pack(WeightType.INT8, weights, codes, 2, 32, arena);
            assertThat(multiply(products, matrix, RandomMatrices.floats(arena, 32, 4), 1))
                    .doesNotContain(Float.NaN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,4,one row and one column; got 0 x 4",
        "4,6,multiple of 4; got 6",
        "2,8,'codes must be one per group, 4; got 3'"
    })
    void refusesShapesThatDoNotFit(int rows, int columns, String message) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weights = arena.allocate(64);
            assertThatThrownBy(() -> SparseMatrix.pack(WeightType.F32, weights, new byte[3], rows, columns, arena))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void refusesMemoryThatIsTooSmallOrOnTheHeap() {
        try (Arena arena = Arena.ofConfined();
                MatrixProducts products = new MatrixProducts(1)) {
            DenseMatrix matrix = DenseMatrix.f32(2, 3, arena.allocate(24));
            MemorySegment x = arena.allocate(12);
            assertThatThrownBy(() -> products.multiply(matrix, x, 2, arena.allocate(64)))
                    .hasMessageContaining("x must hold 24 bytes; got 12");
            assertThatThrownBy(() -> products.multiply(matrix, x, 1, arena.allocate(4)))
                    .hasMessageContaining("y must hold 8 bytes; got 4");
            assertThatThrownBy(() -> products.multiply(matrix, x, 0, x)).hasMessageContaining("got 0");
            assertThatThrownBy(() -> products.multiply(matrix, MemorySegment.ofArray(new float[3]), 1, x))
                    .hasMessageContaining("got a heap segment");
            assertThatThrownBy(() -> DenseMatrix.bf16(2, 3, arena.allocate(11)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("12 bytes; got 11");
        }
    }

    @Test
    void refusesMemoryOfAClosedArena() {
        try (Arena arena = Arena.ofConfined();
                MatrixProducts products = new MatrixProducts(1)) {
            DenseMatrix gone;
            MemorySegment old;
            try (Arena closed = Arena.ofConfined()) {
                gone = DenseMatrix.f32(2, 3, closed.allocate(24));
                old = closed.allocate(12);
            }
            DenseMatrix matrix = DenseMatrix.f32(2, 3, arena.allocate(24));
            MemorySegment x = arena.allocate(12);
            MemorySegment y = arena.allocate(8);
            assertThatThrownBy(() -> products.multiply(gone, x, 1, y))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("weights must be open");
            assertThatThrownBy(() -> products.multiply(matrix, old, 1, y)).hasMessageContaining("x must be open");
            assertThatThrownBy(() -> products.multiply(matrix, x, 1, old)).hasMessageContaining("y must be open");
        }
    }

    @Test
    void everyFiniteFloat16IsWhatJavaTakesItFor() {
        int columns = 32;
        short[] halves = new short[0xf800];
        for (int i = 0; i < halves.length; i++) { // magnitudes below 0x7c00, then the negative ones
            halves[i] = (short) (i < 0x7c00 ? i : i - 0x7c00 + 0x8000);
        }
        int rows = halves.length / columns;
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(2)) {
            MemorySegment data = arena.allocate(2L * halves.length);
            MemorySegment.copy(halves, 0, data, MatrixMemory.SHORT, 0, halves.length);
            DenseMatrix matrix = DenseMatrix.f16(rows, columns, data);
            MemorySegment units = arena.allocate(4L * columns * columns);
            for (int i = 0; i < columns; i++) {
                units.setAtIndex(MatrixMemory.FLOAT, (long) i * (columns + 1), 1);
            }
            float[] together = multiply(products, matrix, units, columns);
            for (int i = 0; i < columns; i++) {
                float[] alone = multiply(products, matrix, units.asSlice(4L * i * columns, 4L * columns), 1);
                for (int row = 0; row < rows; row++) {
                    float expected = Float.float16ToFloat(halves[row * columns + i]) + 0f; // the sum makes 0 of -0
                    assertThat(alone[row]).isEqualTo(expected);
                    assertThat(together[i * rows + row]).isEqualTo(expected);
                }
            }
            MemorySegment large = arena.allocate(4);
            large.set(MatrixMemory.FLOAT, 0, 65520);
            assertThatThrownBy(() -> DenseMatrix.pack(WeightType.F16, large, 1, 1, arena))
                    .isInstanceOf(InputException.class)
                    .hasMessage("weights must be at most 65504 in magnitude to be f16; got 65520.0");
            assertThatThrownBy(() -> SparseMatrix.dataBytes(WeightType.F16, 4, 4))
                    .isInstanceOf(InputException.class)
                    .hasMessage("2:4 weights must be f32, bf16 or int8; got f16");
        }
    }

    @Test
    void refusesWeightsThatAreNotFiniteAndCodesThatDoNotExist() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weights = RandomMatrices.floats(arena, 8, 1);
            assertThatThrownBy(() -> SparseMatrix.pack(WeightType.F32, weights, new byte[] {0, 6}, 1, 8, arena))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got 6");
            weights.setAtIndex(MatrixMemory.FLOAT, 5, Float.POSITIVE_INFINITY);
            for (WeightType type : WeightType.values()) {
                assertThatThrownBy(() -> DenseMatrix.pack(type, weights, 1, 8, arena))
                        .isInstanceOf(InputException.class)
                        .hasMessageContaining("got Infinity at 5");
            }
        }
    }
}
