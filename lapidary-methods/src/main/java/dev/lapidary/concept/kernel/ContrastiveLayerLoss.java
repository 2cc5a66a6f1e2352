package dev.lapidary.concept.kernel;

import static dev.lapidary.concept.kernel.PanelProducts.ROW;
import static dev.lapidary.concept.kernel.PanelProducts.WIDTH;

import dev.lapidary.runtime.kernel.RawMemory;

/** The vector form of {@link BottleneckLoss.Contrastive}: (y − 1 on the diagonal) / 2n of each axis, n = min(B, M). */
final class ContrastiveLayerLoss implements LayerLoss {
    private final long columns; // [P][3][32]: what overRows leaves
    private final long logSums; // [threads][partialRow], over the concepts

    ContrastiveLayerLoss(BottleneckMemory memory, int threads) {
        columns = memory.allocate(3L * ROW * memory.panels).address();
        logSums = memory.allocate(memory.partialRow * threads).address();
    }

    private static int pairs(BottleneckMemory memory) {
        return Math.min(memory.rows, memory.settings.concepts());
    }

    @Override
    public void before(BottleneckMemory memory, int panel) {
        int pairs = pairs(memory);
        long out = memory.activation(memory.gradient, panel);
        memory.clearGradient(panel);
        int first = panel * WIDTH;
        if (first < pairs) {
            long x = memory.copyOfC(0, panel);
            long own = columns + 3L * ROW * panel;
            PanelSoftmax.overRows(x, memory.rows, 0.5f / pairs, 0, out, own);
            memory.clearLanes(out, memory.rows, Math.min(WIDTH, pairs - first));
            for (int m = first; m < Math.min(pairs, first + WIDTH); m++) {
                long at = out + (long) m * ROW + 4L * (m - first);
                RawMemory.set(at, RawMemory.get(at) - 1f / pairs); // half of each axis
            }
        }
        long x = memory.copyOfC(1, panel);
        memory.lowerPadding(x, panel);
        long stride = memory.partialRow;
        PanelSoftmax.partial(x, memory.rows, memory.largest + panel * stride, memory.sums + panel * stride);
    }

    @Override
    public void join(BottleneckMemory memory, int worker) {
        PanelSoftmax.join(
                memory.largest, memory.sums, memory.panels, memory.partialRow, logSums + worker * memory.partialRow);
    }

    @Override
    public void after(BottleneckMemory memory, int panel, int worker) {
        int pairs = pairs(memory);
        PanelSoftmax.addShares(
                memory.activation(memory.noisy[1], panel),
                pairs,
                memory.largest + panel * memory.partialRow,
                logSums + worker * memory.partialRow,
                0.5f / pairs,
                0,
                memory.activation(memory.gradient, panel));
    }

    @Override
    public double value(BottleneckMemory memory) {
        int pairs = pairs(memory);
        double loss = 0;
        for (int i = 0; i < pairs; i++) {
            int panel = i / WIDTH;
            long lane = 4L * (i % WIDTH);
            double own = RawMemory.get(memory.activation(memory.c, panel) + (long) i * ROW + lane);
            loss += RawMemory.get(columns + 3L * ROW * panel + lane) - own;
            loss += RawMemory.get(logSums + 4L * i) - own;
        }
        return loss / (2.0 * pairs);
    }
}
