package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs products in JVMs of their own, with every vector width and without the incubator module. */
final class MatrixProductsWidthTest {
    private static final String ADD = "--add-modules=jdk.incubator.vector";
    private static final int[][] SHAPES = {{3, 31}, {70, 132}, {129, 292}, {64, 64}, {17, 520}};

    @ParameterizedTest
    @ValueSource(strings = {"128", "256", "512", "off", ""})
    void everyWidthGivesTheBitsOfThisJvm(String width) throws IOException, InterruptedException {
        String[] flags = width.isEmpty() ? new String[] {} : new String[] {ADD, "-Dlapidary.simd=" + width};
        assertThat(OwnJvm.run(Digest.class, flags)).endsWith("digest " + Integer.toHexString(digest()));
    }

    private static int digest() {
        int digest = 1;
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(2)) {
            for (int[] shape : SHAPES) {
                for (WeightMatrix matrix : RandomMatrices.all(arena, shape[0], shape[1], shape[0])) {
                    for (int n : new int[] {1, 7, 40}) {
                        MemorySegment x = RandomMatrices.floats(arena, (long) n * shape[1], n);
                        MemorySegment y = arena.allocate(4L * n * shape[0]);
                        products.multiply(matrix, x, n, y);
                        digest = 31 * digest + Arrays.hashCode(y.toArray(MatrixMemory.FLOAT));
                    }
                }
            }
        }
        return digest;
    }

    /** What the forked JVM runs. */
    static final class Digest {
        private Digest() {}

        public static void main(String[] args) {
            System.out.println("digest " + Integer.toHexString(digest()));
        }
    }
}
