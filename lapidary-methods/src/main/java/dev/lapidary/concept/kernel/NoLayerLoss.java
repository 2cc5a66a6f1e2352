package dev.lapidary.concept.kernel;

/** Leaves the gradient 0. */
final class NoLayerLoss implements LayerLoss {
    @Override
    public void before(BottleneckMemory memory, int panel) {
        memory.clearGradient(panel);
    }

    @Override
    public void join(BottleneckMemory memory, int worker) {}

    @Override
    public void after(BottleneckMemory memory, int panel, int worker) {}

    @Override
    public double value(BottleneckMemory memory) {
        return 0;
    }
}
