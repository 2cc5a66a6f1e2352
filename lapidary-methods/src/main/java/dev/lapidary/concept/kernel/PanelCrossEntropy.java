package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;
import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import dev.lapidary.runtime.kernel.VectorFloats;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** One worker's copy of z and of the gradient of the mean cross-entropy in it, [Q][B4, 32]. */
final class PanelCrossEntropy {
    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private final long gradient;
    private double loss;

    PanelCrossEntropy(BottleneckMemory memory) {
        gradient =
                memory.allocate((long) memory.classPanels * memory.batch4 * ROW).address();
    }

    /** Returns where the gradient starts. */
    long gradient() {
        return gradient;
    }

    /** Returns the mean cross-entropy of the last join. */
    double loss() {
        return loss;
    }

    /** Sums the concept panels' shares of z in their order, and turns z into its gradient. */
    void join(BottleneckMemory memory) {
        for (int q = 0; q < memory.classPanels; q++) {
            sum(memory, q);
        }
        double sum = 0;
        for (int b = 0; b < memory.rows; b++) {
            sum += row(memory, b);
        }
        loss = sum / memory.rows;
    }

    private void sum(BottleneckMemory memory, int q) {
        long height = (long) memory.batch4 * ROW;
        long from = memory.partial + q * height;
        long step = memory.classPanels * height;
        long to = gradient + q * height;
        for (int o = 0; o < ROW; o += VECTOR) {
            FloatVector bias = load(memory.bias + (long) q * ROW + o);
            for (long at = o; at < (long) memory.rows * ROW; at += ROW) {
                FloatVector z = bias;
                for (int p = 0; p < memory.panels; p++) {
                    z = z.add(load(from + p * step + at));
                }
                store(z, to + at);
            }
        }
    }

    private double row(BottleneckMemory memory, int b) {
        long step = (long) memory.batch4 * ROW;
        long row = gradient + (long) b * ROW;
        long end = row + memory.classPanels * step;
        int label = memory.labels[b];
        long picked = row + label / WIDTH * step + 4L * (label % WIDTH);
        double own = RawMemory.get(picked);
        FloatVector top = load(row);
        for (long at = row; at < end; at += step) {
            for (int o = 0; o < ROW; o += VECTOR) {
                top = VectorFloats.larger(top, load(at + o));
            }
        }
        float largest = top.reduceLanes(VectorOperators.MAX);
        FloatVector sums = FloatVector.zero(Lanes.FLOAT);
        for (long at = row; at < end; at += step) {
            for (int o = 0; o < ROW; o += VECTOR) {
                FloatVector e = VectorFloats.exp(load(at + o).sub(largest));
                store(e, at + o);
                sums = sums.add(e);
            }
        }
        float sum = VectorFloats.sum(sums);
        scale(row, end, step, 1 / (sum * memory.rows));
        RawMemory.set(picked, RawMemory.get(picked) - 1f / memory.rows);
        return largest + Math.log(sum) - own;
    }

    private static void scale(long row, long end, long step, float factor) {
        for (long at = row; at < end; at += step) {
            for (int o = 0; o < ROW; o += VECTOR) {
                store(load(at + o).mul(factor), at + o);
            }
        }
    }
}
