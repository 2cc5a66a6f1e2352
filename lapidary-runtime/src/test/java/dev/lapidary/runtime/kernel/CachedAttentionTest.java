package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CachedAttentionTest {
    private static final int POSITIONS = 150;
    private final Arena arena = Arena.ofAuto();

    private MemorySegment floats(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        MemorySegment segment = arena.allocate(4L * n, 64);
        for (int i = 0; i < n; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return segment;
    }

    @ParameterizedTest
    @CsvSource({"4, 4, 8", "4, 2, 16", "6, 1, 6", "8, 2, 64", "2, 1, 80", "2, 2, 128", "3, 3, 1"})
    void attendsToAllPositionsSoFar(int heads, int keyValueHeads, int headWidth) {
        var shape = new CachedAttention.Shape(2, heads, keyValueHeads, headWidth);
        int width = heads * headWidth;
        int keys = keyValueHeads * headWidth;
        MemorySegment q = floats(POSITIONS * width, 1);
        MemorySegment k = floats(POSITIONS * keys, 2);
        MemorySegment v = floats(POSITIONS * keys, 3);
        float[][] results = new float[3][];
        for (int threads = 1; threads <= 3; threads++) {
            try (var products = new MatrixProducts(threads);
                    var attention = new CachedAttention(products, shape, POSITIONS)) {
                MemorySegment out = arena.allocate(4L * POSITIONS * width, 64);
                attention.store(0, 0, POSITIONS, v, k, keys); // another layer's
                attention.store(1, 0, 100, k, v, keys);
                attention.attend(1, 0, 100, q, width, out);
                for (int p = 100; p < POSITIONS; p++) {
                    attention.store(1, p, 1, row(k, p, keys), row(v, p, keys), keys);
                    attention.attend(1, p, 1, row(q, p, width), width, row(out, p, width));
                }
                results[threads - 1] = out.toArray(ValueLayout.JAVA_FLOAT);
            }
        }
        assertThat(results[1]).isEqualTo(results[0]);
        assertThat(results[2]).isEqualTo(results[0]);
        for (int p : new int[] {0, 1, 63, 64, 99, 100, 149}) {
            for (int head = 0; head < heads; head++) {
                double[] expected = expected(shape, q, k, v, p, head);
                for (int i = 0; i < headWidth; i++) {
                    assertThat((double) results[0][p * width + head * headWidth + i])
                            .isCloseTo(expected[i], within(1e-5));
                }
            }
        }
    }

    private static MemorySegment row(MemorySegment matrix, int row, int width) {
        return matrix.asSlice(4L * row * width, 4L * width);
    }

    private static double[] expected(
            CachedAttention.Shape shape, MemorySegment q, MemorySegment k, MemorySegment v, int position, int head) {
        int headWidth = shape.headWidth();
        int group = head / (shape.heads() / shape.keyValueHeads());
        double[] out = new double[headWidth];
        double sum = 0;
        for (int p = 0; p <= position; p++) {
            double score = 0;
            int at = (p * shape.keyValueHeads() + group) * headWidth;
            for (int i = 0; i < headWidth; i++) {
                score += (double) at(q, (position * shape.heads() + head) * headWidth + i) * at(k, at + i);
            }
            double share = Math.exp(score / Math.sqrt(headWidth));
            sum += share;
            for (int i = 0; i < headWidth; i++) {
                out[i] += share * at(v, at + i);
            }
        }
        for (int i = 0; i < headWidth; i++) {
            out[i] /= sum;
        }
        return out;
    }

    private static float at(MemorySegment values, int i) {
        return values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    @ParameterizedTest
    @CsvSource({"1, 16", "5, 6", "64, 16", "65, 32", "130, 64"})
    void scalarsAgreeWithVectors(int n, int headWidth) {
        int panels = (n + 63) / 64;
        int valueWidth = (headWidth + 15) & -16;
        MemorySegment q = floats(headWidth, 1);
        MemorySegment k = floats(panels * 64 * headWidth, 2);
        MemorySegment v = floats(n * valueWidth, 3);
        MemorySegment[] scores = {floats(panels * 64, 4), floats(panels * 64, 4)};
        MemorySegment[] mixed = {floats(valueWidth, 5), floats(valueWidth, 5)};
        AttentionLanes.scores(q.address(), headWidth, k.address(), n, scores[0].address());
        float sum = AttentionLanes.softmax(scores[0].address(), n, 0.25f);
        AttentionLanes.mix(scores[0].address(), n, v.address(), valueWidth, mixed[0].address());
        AttentionScalars.scores(q.address(), headWidth, k.address(), n, scores[1].address());
        assertThat(AttentionScalars.softmax(scores[1].address(), n, 0.25f)).isCloseTo(sum, within(1e-5f * sum));
        AttentionScalars.mix(scores[1].address(), n, v.address(), valueWidth, mixed[1].address());
        for (int i = 0; i < valueWidth; i++) {
            assertThat(at(mixed[1], i)).isCloseTo(at(mixed[0], i), within(1e-4f));
        }
    }

    @ParameterizedTest
    @CsvSource({"120, 31", "-1, 1", "192, 1"})
    void refusesPositionsBeyondTheCache(int start, int rows) {
        try (var products = new MatrixProducts(1);
                var attention = new CachedAttention(products, new CachedAttention.Shape(1, 1, 1, 4), 128)) {
            MemorySegment some = floats(400, 1);
            int first = start == 120 ? 128 : start;
            assertThatThrownBy(() -> attention.store(0, first, rows, some, some, 4))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(CachedAttention.bytes(new CachedAttention.Shape(1, 1, 1, 4), 128, 1))
                    .isEqualTo(4L * (128 * (4 + 16) + 128 + 16));
        }
    }
}
