package dev.lapidary.concept.kernel;

import dev.lapidary.runtime.kernel.Simd;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Trains a concept bottleneck and its head, a batch per call: forward, losses, backward and both weight updates in one.
 *
 * <p>With scores S [B, M]: c = S Wᵀ, z = c Hᵀ + bias; loss = mean cross-entropy(z, labels) + {@link BottleneckLoss}. W takes
 * the gradient of both, H and bias that of the cross-entropy; each has its own rule, as published. Layer gradients are never
 * stored: they update their weights as they arise.
 *
 * <p>Noise of the Gumbel loss is {@link dev.lapidary.kernel.CounterNoise} of the seed: axis a of step s at row b and concept m has stream a,
 * step s (from 0) and index (m / 32 · batch' + b) · 32 + m mod 32, with batch' the settings' batch rounded up to a multiple
 * of 4. So results depend neither on the number of threads nor on the vectors' width, but for rounding in the latter.
 *
 * <p>Where SIMD is off the scalar form runs, in float64. Not for use by several threads at once. Closing frees native memory
 * and threads.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public sealed interface BottleneckStep extends AutoCloseable permits VectorBottleneckStep, ScalarBottleneckStep {
    /** Losses at the weights before the step's update, both means over the batch. */
    record Losses(double crossEntropy, double layer) {}

    /** Returns the fastest form for this JVM, starting at the state, which is copied. */
    static BottleneckStep create(BottleneckSettings settings, BottleneckState state, int threads) {
        return Simd.on()
                ? new VectorBottleneckStep(settings, state, threads)
                : new ScalarBottleneckStep(settings, state);
    }

    /**
     * Takes one step on scores [labels.length, M] float32, row-major; 1 to B labels in [0, K).
     *
     * @param noise Gumbel noise [2, labels.length, M], batch axis first, used in place of generated noise where given
     */
    Losses step(MemorySegment scores, int[] labels, @Nullable MemorySegment noise);

    /** Takes one step with generated noise. */
    default Losses step(MemorySegment scores, int[] labels) {
        return step(scores, labels, null);
    }

    /** Sets the learning rates of layer and head for the steps to come. */
    void rates(double layer, double head);

    /** Writes z [rows, K] and, where asked, c [rows, M] of scores [rows, M]; all float32, row-major. */
    void forward(MemorySegment scores, long rows, @Nullable MemorySegment c, MemorySegment z);

    /** Returns a copy of what the next step starts from. */
    BottleneckState state();

    @Override
    void close();

    /** Refuses scores or labels that do not fit the settings. */
    static void requireFit(BottleneckSettings settings, MemorySegment scores, int[] labels) {
        if (labels.length < 1 || labels.length > settings.batch()) {
            throw new IllegalArgumentException(
                    "labels must number 1 to " + settings.batch() + "; got " + labels.length);
        }
        for (int label : labels) {
            if (label < 0 || label >= settings.classes()) {
                throw new IllegalArgumentException("labels must lie in [0, " + settings.classes() + "); got " + label);
            }
        }
        requireFloats("scores", scores, (long) labels.length * settings.concepts());
    }

    /** Refuses a segment that is shorter than it must be. */
    static void requireFloats(String what, MemorySegment segment, long floats) {
        if (segment.byteSize() / 4 < floats) {
            throw new IllegalArgumentException(
                    what + " must hold " + floats + " floats; got bytes=" + segment.byteSize());
        }
    }
}
