package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.runtime.kernel.RawMemory.load;
import static dev.lapidary.runtime.kernel.RawMemory.store;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.runtime.kernel.Lanes;
import dev.lapidary.runtime.kernel.RawMemory;
import jdk.incubator.vector.FloatVector;

/**
 * The vector form of {@link BottleneckLoss.Gumbel}: with y of an axis of n entries the gradient is (n y − 1) / (2 B M
 * temperature), over both axes.
 */
final class GumbelLayerLoss implements LayerLoss {
    private static final int VECTOR = 4 * Lanes.FLOAT.length();

    private final float inverseTemperature;
    private final CounterNoise[] noise = new CounterNoise[2];
    private final long columns; // [P][4][32]: what overRows leaves, sums of x of the concept axis
    private final long logSums; // [threads][partialRow], over the concepts
    private final double[] losses; // [P], all but the concept axis's log-sum-exp

    GumbelLayerLoss(BottleneckMemory memory, double temperature, int threads) {
        inverseTemperature = (float) (1 / temperature);
        columns = memory.allocate(4L * ROW * memory.panels).address();
        logSums = memory.allocate(memory.partialRow * threads).address();
        losses = new double[memory.panels];
        for (int axis = 0; axis < 2; axis++) {
            noise[axis] = new CounterNoise(memory.settings.seed(), axis);
        }
    }

    @Override
    public void before(BottleneckMemory memory, int panel) {
        long c = memory.activation(memory.c, panel);
        for (int axis = 0; axis < 2; axis++) {
            memory.drawNoise(noise[axis], axis, panel);
            perturb(c, memory.activation(memory.noisy[axis], panel), memory.rows);
        }
        long own = columns + 4L * ROW * panel;
        long batchAxis = memory.activation(memory.noisy[0], panel);
        long conceptAxis = memory.activation(memory.noisy[1], panel);
        float scale = inverseTemperature / (2f * memory.settings.concepts());
        PanelSoftmax.overRows(
                batchAxis, memory.rows, scale, shift(memory), memory.activation(memory.gradient, panel), own);
        PanelSoftmax.totals(conceptAxis, memory.rows, own + 3 * ROW);
        memory.lowerPadding(conceptAxis, panel);
        PanelSoftmax.partial(
                conceptAxis,
                memory.rows,
                memory.largest + panel * memory.partialRow,
                memory.sums + panel * memory.partialRow);
        losses[panel] = panelLoss(memory, own, memory.held(panel));
    }

    private void perturb(long c, long noisy, int rows) {
        FloatVector inverse = Lanes.broadcast(inverseTemperature);
        for (int at = 0; at < rows * ROW; at += VECTOR) {
            store(load(c + at).add(load(noisy + at)).mul(inverse), noisy + at);
        }
    }

    private static double panelLoss(BottleneckMemory memory, long own, int held) {
        double loss = 0;
        for (int lane = 0; lane < held; lane++) {
            double logSum = RawMemory.get(own + 4L * lane);
            double totals = (double) RawMemory.get(own + ROW + 4L * lane) + RawMemory.get(own + 3 * ROW + 4L * lane);
            loss += memory.rows * logSum - totals;
        }
        return loss;
    }

    private float shift(BottleneckMemory memory) {
        return -inverseTemperature / (2f * memory.rows * memory.settings.concepts());
    }

    @Override
    public void join(BottleneckMemory memory, int worker) {
        PanelSoftmax.join(
                memory.largest, memory.sums, memory.panels, memory.partialRow, logSums + worker * memory.partialRow);
    }

    @Override
    public void after(BottleneckMemory memory, int panel, int worker) {
        PanelSoftmax.addShares(
                memory.activation(memory.noisy[1], panel),
                memory.rows,
                memory.largest + panel * memory.partialRow,
                logSums + worker * memory.partialRow,
                inverseTemperature / (2f * memory.rows),
                shift(memory),
                memory.activation(memory.gradient, panel));
    }

    @Override
    public double value(BottleneckMemory memory) {
        double loss = 0;
        for (double each : losses) {
            loss += each;
        }
        int concepts = memory.settings.concepts();
        for (int b = 0; b < memory.rows; b++) {
            loss += (double) concepts * RawMemory.get(logSums + 4L * b);
        }
        return loss / (2.0 * memory.rows * concepts);
    }
}
