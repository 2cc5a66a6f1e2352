package dev.lapidary.concept.bottleneck;

import dev.lapidary.concept.classifier.Standardisation;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Means, deviations and correlations of concept scores over training rows, in one pass over blocks.
 *
 * @param standardisation mean and 1/deviation, [M]
 * @param gram XᵀX/n of the standardised scores, [M, M] row-major
 */
@SuppressWarnings("ArrayRecordComponent") // handed to the solver; never compared
record ScoreMoments(Standardisation standardisation, double[] gram) {
    /** Writes rows from (inclusive) to (exclusive) of some scores into out [to - from, M]. */
    interface Source {
        void fill(int from, int to, MemorySegment out);
    }

    static ScoreMoments of(ScoreBlocks blocks) {
        return of(blocks.rows(), blocks.scores(), blocks::fill);
    }

    /** Reads n rows of m scores. */
    static ScoreMoments of(int n, int m, Source source) {
        double[] sum = new double[m];
        double[] squares = new double[m];
        double[] products = new double[m * m];
        try (Arena arena = Arena.ofShared()) {
            MemorySegment block = arena.allocate(4L * ScoreBlocks.ROWS * m, 64);
            MemorySegment inner = arena.allocate(4L * m * m, 64);
            for (int from = 0; from < n; from += ScoreBlocks.ROWS) {
                int count = Math.min(ScoreBlocks.ROWS, n - from);
                MemorySegment scores = block.asSlice(0, 4L * count * m);
                source.fill(from, from + count, scores);
                addRows(scores, count, sum, squares);
                addProducts(scores, count, inner, products);
            }
        }
        return standardise(sum, squares, products, n);
    }

    private static void addRows(MemorySegment scores, int count, double[] sum, double[] squares) {
        int m = sum.length;
        float[] row = new float[m];
        for (int i = 0; i < count; i++) {
            MemorySegment.copy(scores, ValueLayout.JAVA_FLOAT, 4L * i * m, row, 0, m);
            for (int j = 0; j < m; j++) {
                sum[j] += row[j];
                squares[j] += (double) row[j] * row[j];
            }
        }
    }

    private static void addProducts(MemorySegment scores, int count, MemorySegment inner, double[] products) {
        int m = (int) Math.round(Math.sqrt(products.length));
        try (TorchScope scope = TorchScope.open()) {
            Tensor s = Tensors.wrap(scores, count, m);
            torch.mm_out(Tensors.wrap(inner, m, m), s.t(), s);
        }
        float[] row = new float[m];
        for (int j = 0; j < m; j++) {
            MemorySegment.copy(inner, ValueLayout.JAVA_FLOAT, 4L * j * m, row, 0, m);
            for (int l = 0; l < m; l++) {
                products[j * m + l] += row[l];
            }
        }
    }

    private static ScoreMoments standardise(double[] sum, double[] squares, double[] products, int n) {
        int m = sum.length;
        double[] mean = new double[m];
        double[] scale = new double[m];
        for (int j = 0; j < m; j++) {
            mean[j] = sum[j] / n;
            double variance = Math.max(0, squares[j] - n * mean[j] * mean[j]) / Math.max(1, n - 1);
            double deviation = Math.sqrt(variance);
            scale[j] = deviation < Standardisation.LEAST_DEVIATION ? 0 : 1 / deviation;
        }
        double[] gram = new double[m * m];
        for (int j = 0; j < m; j++) {
            for (int l = 0; l < m; l++) {
                gram[j * m + l] = (products[j * m + l] / n - mean[j] * mean[l]) * scale[j] * scale[l];
            }
        }
        return new ScoreMoments(new Standardisation(mean, scale), gram);
    }
}
