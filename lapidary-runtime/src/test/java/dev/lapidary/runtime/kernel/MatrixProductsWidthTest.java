package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lapidary.runtime.OwnJvm;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs products in JVMs of their own, as many at once as there are cores, with every vector width and without the incubator module. */
final class MatrixProductsWidthTest {
    private static final String ADD = "--add-modules=jdk.incubator.vector";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 40; // until all is compiled
    private static final int ROUND = 500;
    private static final long SLICES = 256; // bytes a product; vectors of a single row of 1,024 take 4,096
    private static final int[][] SHAPES = {{3, 31}, {70, 132}, {129, 292}, {64, 64}, {17, 520}};

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"128", "256", "512", "off", ""})
    void everyWidthGivesTheBitsOfThisJvm(String width) throws IOException, InterruptedException {
        String[] flags = width.isEmpty() ? new String[] {} : new String[] {ADD, "-Dlapidary.simd=" + width};
        assertThat(OwnJvm.run(Digest.class, flags)).endsWith("digest " + Integer.toHexString(digest()));
    }

    /** Where C2 gives up inlining, it makes objects of a loop's vectors: right results, five times slower or worse. */
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"128", "256", "512"})
    void noWidthMakesObjectsOfVectors(String width) throws IOException, InterruptedException {
        assertThat(OwnJvm.run(Boxed.class, ADD, "-Xbatch", "-Dlapidary.simd=" + width))
                .endsWith("boxed []");
    }

    /** Names of the matrices whose products, once compiled, allocate more than slices of segments. */
    private static List<String> boxed() {
        try (Arena arena = Arena.ofShared();
                MatrixProducts products = new MatrixProducts(1)) {
            List<String> boxed = new ArrayList<>();
            for (WeightMatrix matrix : RandomMatrices.all(arena, 144, 1024, 7)) {
                MemorySegment x = RandomMatrices.floats(arena, matrix.columns(), 1);
                MemorySegment y = arena.allocate(4L * matrix.rows());
                if (allocates(() -> products.multiply(matrix, x, 1, y), SLICES)) {
                    boxed.add(RandomMatrices.name(matrix));
                }
            }
            RowProducts rows = RowProducts.of(arena, RandomMatrices.floats(arena, 160 * 600, 2), 160, 600);
            MemorySegment in = RandomMatrices.floats(arena, 13 * 600, 3);
            MemorySegment out = arena.allocate(4L * 13 * rows.stride());
            if (allocates(() -> rows.multiply(in, 600, 13, out), 4 * SLICES)) { // and an arena of its own
                boxed.add("rows");
            }
            return boxed;
        }
    }

    private static boolean allocates(Runnable product, long most) {
        for (int round = 0; round < ROUNDS; round++) { // compiled in this thread: no need to wait
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUND; i++) {
                product.run();
            }
            if (THREADS.getCurrentThreadAllocatedBytes() - before <= ROUND * most) {
                return false;
            }
        }
        return true;
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
                digest = 31 * digest + rowProducts(arena, shape[0], shape[1]);
            }
        }
        return digest;
    }

    private static int rowProducts(Arena arena, int rows, int columns) {
        MemorySegment matrix = RandomMatrices.floats(arena, (long) rows * columns, rows);
        RowProducts products = RowProducts.of(arena, matrix, rows, columns);
        MemorySegment out = arena.allocate(4L * 15 * products.stride());
        products.multiply(RandomMatrices.floats(arena, 15L * columns, 1), columns, 15, out);
        return Arrays.hashCode(out.toArray(MatrixMemory.FLOAT));
    }

    /** What the forked JVM runs. */
    static final class Digest {
        private Digest() {}

        public static void main(String[] args) {
            System.out.println("digest " + Integer.toHexString(digest()));
        }
    }

    /** What the forked JVM runs. */
    static final class Boxed {
        private Boxed() {}

        public static void main(String[] args) {
            System.out.println("boxed " + boxed());
        }
    }
}
