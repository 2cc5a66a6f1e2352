package dev.lapidary.bench;

import java.util.Map;

/** A step of learned 2:4 masks with clipping and AdamW: our fused kernel against eager PyTorch with autograd. */
final class MaskUpdateBench implements Benchmark {
    private static final double SQUARES = 6 + 4 + 4; // logits, weights and gradients read, for the norm
    private static final double UPDATE = 36 + 4 + 4; // logits and both moments read and written

    @Override
    public String name() {
        return "mask-update";
    }

    @Override
    public String summary() {
        return "forward, backward, clipping and AdamW of 2:4 masks (2048 x 2048, float32) against eager PyTorch";
    }

    @Override
    public Map<String, Object> run() {
        return MaskProblem.measure(name(), true, MaskSamplingBench.BYTES_PER_WEIGHT + SQUARES + UPDATE);
    }
}
