package dev.lapidary.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The scalar twin of {@link VectorSoftmaxBlock}: for a JVM without the Vector API, for narrow rows, and to test against. */
final class ScalarSoftmaxBlock implements SoftmaxBlock {
    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public void products(RowBlock block, int row, float[] weights, int k) {
        for (int i = row; i < row + 4; i++) {
            long offset = block.offsets[i];
            for (int c = k; c < k + 2; c++) {
                block.logits[c * block.size + i] = product(block, offset, weights, c * block.stride);
            }
        }
    }

    private static float product(RowBlock block, long offset, float[] weights, int at) {
        MemorySegment x = block.rows;
        float sum = 0;
        for (int j = 0; j < block.width; j++) {
            sum = Math.fma(x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * j), weights[at + j], sum);
        }
        return sum;
    }

    @Override
    public void accumulate(RowBlock block, int row, int k) {
        for (int i = row; i < row + 4; i++) {
            long offset = block.offsets[i];
            for (int c = k; c < k + 2; c++) {
                add(block, offset, block.logits[c * block.size + i], c * block.stride);
            }
        }
    }

    private static void add(RowBlock block, long offset, float factor, int at) {
        MemorySegment x = block.rows;
        float[] gradient = block.gradient;
        for (int j = 0; j < block.width; j++) {
            float value = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + 4L * j);
            gradient[at + j] = Math.fma(value, factor, gradient[at + j]);
        }
    }

    @Override
    public void softmax(RowBlock block, int classes) {
        float[] z = block.logits;
        int size = block.size;
        for (int i = 0; i < size; i++) {
            float largest = z[i];
            for (int k = 1; k < classes; k++) {
                largest = Math.max(largest, z[k * size + i]);
            }
            float sum = 0;
            for (int k = 0; k < classes; k++) {
                z[k * size + i] = (float) Math.exp(z[k * size + i] - largest);
                sum += z[k * size + i];
            }
            for (int k = 0; k < classes; k++) {
                z[k * size + i] /= sum;
            }
            block.largest[i] = largest;
            block.sums[i] = sum;
        }
    }
}
