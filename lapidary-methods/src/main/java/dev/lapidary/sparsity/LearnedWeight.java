package dev.lapidary.sparsity;

import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.sparsity.MaskLearningSettings.Moment;
import dev.lapidary.sparsity.kernel.AdamStep;
import dev.lapidary.sparsity.kernel.MaskFigures;
import dev.lapidary.sparsity.kernel.MaskKernel;
import dev.lapidary.sparsity.kernel.MaskState;
import dev.lapidary.sparsity.kernel.Sample;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One frozen weight whose mask is learned: its logits, and the masked copy that the model reads in its place.
 *
 * <p>Shapes: weight, masked and gradient float32 [out, in]. The masked copy is a leaf of autograd, so that its gradient is the
 * gradient by the masked weight and the fused backward pass can go on from there. Closing frees state and copy.
 */
final class LearnedWeight implements AutoCloseable {
    private final String name;
    private final int rows;
    private final int columns;
    private final SparsityPattern pattern;
    private final MemorySegment weight;
    private final Tensor masked;
    private final MemorySegment maskedMemory;
    private final MaskState state;
    private final byte[] start;
    private byte[] previous;

    private LearnedWeight(String name, Tensor weight, Tensor masked, SparsityPattern pattern, MaskState state) {
        this.name = name;
        rows = Math.toIntExact(weight.size(0));
        columns = Math.toIntExact(weight.size(1));
        this.pattern = pattern;
        this.weight = Tensors.segment(weight);
        this.masked = masked;
        maskedMemory = Tensors.segment(masked);
        this.state = state;
        start = new byte[Math.toIntExact((long) rows * columns / pattern.of())];
        previous = start;
    }

    /**
     * Starts a weight's logits.
     *
     * @param weight float32 [out, in], which must outlive this
     * @param stream the weight's index among all prunable ones, which with the seed decides its noise
     */
    static LearnedWeight create(
            String name,
            Tensor weight,
            int stream,
            Optional<LayerMask> prior,
            MaskKernel kernel,
            MaskLearningSettings settings) {
        Tensor masked;
        try (TorchScope scope = TorchScope.open()) {
            Tensor empty = torch.empty_like(weight.detach());
            empty.set_requires_grad(true);
            masked = scope.keep(empty);
        }
        MaskState state = new MaskState(settings.pattern(), settings.state(), weight.numel(), settings.seed(), stream);
        LearnedWeight learned = new LearnedWeight(name, weight, masked, settings.pattern(), state);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment logits = arena.allocate(
                    Float.BYTES * learned.groups() * settings.pattern().count(), 64);
            MaskPriors.normal(logits, MaskLearningSettings.INITIAL_DEVIATION, settings.seed(), stream);
            prior.ifPresent(mask -> MaskPriors.add(logits, mask.codes(), settings.pattern(), settings.alpha()));
            kernel.writeLogits(state, logits);
        }
        prior.ifPresentOrElse(
                mask -> System.arraycopy(mask.codes(), 0, learned.start, 0, learned.start.length),
                () -> kernel.codes(state, learned.start));
        return learned;
    }

    String name() {
        return name;
    }

    long count() {
        return (long) rows * columns;
    }

    long groups() {
        return start.length;
    }

    Tensor masked() {
        return masked;
    }

    MaskState state() {
        return state;
    }

    /** The patterns of the prior, or without one those of the initial logits. */
    byte[] start() {
        return start;
    }

    /** The patterns at the last validation; part of what a checkpoint holds. */
    byte[] previous() {
        return previous;
    }

    void previous(byte[] codes) {
        previous = codes;
    }

    /** Writes the weight under a fresh sample of its mask into the copy that the model reads. */
    void sample(MaskKernel kernel, Sample sample) {
        kernel.forward(state, weight, maskedMemory, sample);
    }

    double gradientSquares(MaskKernel kernel, Sample sample, double lambda) {
        return kernel.gradientSquares(state, weight, gradient(), sample, (float) lambda);
    }

    void update(MaskKernel kernel, Sample sample, double lambda, AdamStep step) {
        kernel.update(state, weight, gradient(), sample, (float) lambda, step);
    }

    /** The gradient by the masked weight, autograd's own memory. */
    private MemorySegment gradient() {
        return Tensors.segment(masked.grad());
    }

    /** Frees the gradient, so that the next backward pass hands over its own memory instead of adding to this. */
    void forgetGradient() {
        masked.mutable_grad().reset();
    }

    byte[] codes(MaskKernel kernel) {
        byte[] codes = new byte[start.length];
        kernel.codes(state, codes);
        return codes;
    }

    MaskFigures figures(MaskKernel kernel, Moment moment) {
        return kernel.figures(state, (float) moment.kappa(), (float) moment.tau(), start);
    }

    /** Writes the weight under a mask of whole ones and zeros into the copy that the model reads. */
    void harden(byte[] codes) {
        int of = pattern.of();
        int[] positions = pattern.positions();
        for (int group = 0; group < codes.length; group++) {
            int kept = positions[codes[group]];
            for (int k = 0; k < of; k++) {
                long at = (long) group * of + k;
                float value = (kept >> k & 1) == 0 ? 0 : weight.getAtIndex(ValueLayout.JAVA_FLOAT, at);
                maskedMemory.setAtIndex(ValueLayout.JAVA_FLOAT, at, value);
            }
        }
    }

    LayerMask mask(byte[] codes) {
        return new LayerMask(name, rows, columns, pattern, codes);
    }

    /** Returns the share of mask entries in which two masks differ. */
    static double difference(byte[] a, byte[] b, SparsityPattern pattern) {
        int[] positions = pattern.positions();
        long different = 0;
        for (int group = 0; group < a.length; group++) {
            different += Integer.bitCount(positions[a[group]] ^ positions[b[group]]);
        }
        return (double) different / ((long) a.length * pattern.of());
    }

    @Override
    public void close() {
        state.close();
        masked.close();
    }
}
