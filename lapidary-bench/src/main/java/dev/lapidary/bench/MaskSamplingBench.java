package dev.lapidary.bench;

import java.util.Map;

/** A forward pass of learned 2:4 masks, fresh noise included: our fused kernel against eager PyTorch. */
final class MaskSamplingBench implements Benchmark {
    /** Bytes that a forward pass must move for each weight. */
    static final double BYTES_PER_WEIGHT = 6 + 4 + 4; // logits and weights read, masked weights written

    @Override
    public String name() {
        return "mask-sampling";
    }

    @Override
    public String summary() {
        return "sampling 2:4 masks and masking weights (2048 x 2048, float32) against eager PyTorch";
    }

    @Override
    public Map<String, Object> run() {
        return MaskProblem.measure(name(), false, BYTES_PER_WEIGHT);
    }
}
