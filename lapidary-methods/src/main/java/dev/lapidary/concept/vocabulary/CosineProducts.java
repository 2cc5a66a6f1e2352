package dev.lapidary.concept.vocabulary;

import java.util.stream.IntStream;

/**
 * Calculates cosines of many vectors with many others on plain arrays, in tiles that stay in the processor's cache and loops
 * that the JVM turns into vector instructions. Rows are shared among the common pool's threads; each result is summed in the same
 * order whatever their number.
 */
final class CosineProducts {
    private static final int TILE = 256; // columns; a tile of width 384 is 384 KiB
    private static final int UNROLL = 4;

    private CosineProducts() {}

    /** Returns the products of unit vectors rows [R, d] and columns [C, d]: cosines [R, C], row-major. */
    static float[] between(float[][] rows, float[][] columns) {
        int count = columns.length;
        float[] products = new float[Math.multiplyExact(rows.length, count)];
        for (int from = 0; from < count; from += TILE) {
            int tile = Math.min(TILE, count - from);
            float[][] transposed = transposed(columns, from, tile); // [d, tile]
            int start = from;
            IntStream.range(0, rows.length).parallel().forEach(i -> {
                float[] sums = product(rows[i], transposed, tile);
                System.arraycopy(sums, 0, products, i * count + start, tile);
            });
        }
        return products;
    }

    private static float[][] transposed(float[][] columns, int from, int tile) {
        int width = columns[from].length;
        float[][] transposed = new float[width][tile];
        for (int c = 0; c < tile; c++) {
            float[] column = columns[from + c];
            for (int k = 0; k < width; k++) {
                transposed[k][c] = column[k];
            }
        }
        return transposed;
    }

    private static float[] product(float[] row, float[][] transposed, int tile) {
        float[] sums = new float[tile];
        int k = 0;
        for (; k + UNROLL <= row.length; k += UNROLL) {
            add4(sums, row, k, transposed);
        }
        for (; k < row.length; k++) {
            float[] b = transposed[k];
            float a = row[k];
            for (int c = 0; c < tile; c++) {
                sums[c] += a * b[c];
            }
        }
        return sums;
    }

    private static void add4(float[] sums, float[] row, int k, float[][] transposed) {
        float[] b0 = transposed[k];
        float[] b1 = transposed[k + 1];
        float[] b2 = transposed[k + 2];
        float[] b3 = transposed[k + 3];
        float a0 = row[k];
        float a1 = row[k + 1];
        float a2 = row[k + 2];
        float a3 = row[k + 3];
        for (int c = 0; c < sums.length; c++) {
            sums[c] += a0 * b0[c] + a1 * b1[c] + a2 * b2[c] + a3 * b3[c];
        }
    }
}
