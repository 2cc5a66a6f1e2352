package dev.lapidary.concept.bottleneck;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses on a bottleneck layer as published, in PyTorch's own operations: the twin that the fused kernels are tested against.
 *
 * <p>Shapes: concept scores S and bottleneck scores c = S·Wᵀ, both [B, M]; layer W [M, M]. Each loss is a scalar, differentiable in c
 * (l1: in W). Tensors belong to the open {@link dev.lapidary.torch.TorchScope}.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al. 2024, Sparse Concept Bottleneck Models</a>
 */
public final class BottleneckLosses {
    private BottleneckLosses() {}

    /** λ‖W‖₁/M. Its subgradient never makes an exact zero; the division by M is the published code's. */
    public static Tensor l1(Tensor layer, double lambda) {
        return layer.abs().sum().mul(new Scalar(lambda / layer.size(0)));
    }

    /**
     * Cross-entropy over each axis with item i of the batch as the positive of concept i of the list, mean of both axes.
     *
     * <p>That pairing is the published code's; nothing relates item i to concept i.
     */
    public static Tensor contrastive(Tensor c) {
        return mean(diagonal(logSoftmax(c, 0)), diagonal(logSoftmax(c, 1)));
    }

    /**
     * The Gumbel loss of Sparse-CBM: −mean ln y over all entries, y = softmax((c + g)/τ), mean of both axes.
     *
     * <p>It is cross-entropy from the uniform distribution, so it smooths rather than sparsifies: least where scores are equal.
     *
     * @param noiseItems Gumbel noise [B, M] of the softmax over items (axis 0)
     * @param noiseConcepts the same over concepts (axis 1)
     */
    public static Tensor gumbel(Tensor c, Tensor noiseItems, Tensor noiseConcepts, double temperature) {
        return mean(
                sampled(c, noiseItems, temperature, 0).mean().neg(),
                sampled(c, noiseConcepts, temperature, 1).mean().neg());
    }

    /** A form of the Gumbel loss with positives on the diagonal as in {@link #contrastive}; not published. */
    public static Tensor gumbelDiagonal(Tensor c, Tensor noiseItems, Tensor noiseConcepts, double temperature) {
        return mean(
                diagonal(sampled(c, noiseItems, temperature, 0)), diagonal(sampled(c, noiseConcepts, temperature, 1)));
    }

    /** −mean over concepts of the cosine of S's and c's columns, centred over the batch; a constant column counts 0. */
    public static Tensor similarity(Tensor s, Tensor c, boolean cubed) {
        Tensor a = centred(s);
        Tensor b = centred(c);
        if (cubed) {
            a = a.mul(a).mul(a);
            b = b.mul(b).mul(b);
        }
        Tensor norms = norm(a).mul(norm(b));
        Tensor constant = norms.eq(new Scalar(0.0));
        Tensor safe = norms.masked_fill(constant, new Scalar(1.0));
        return a.mul(b).sum(0).div(safe).mean().neg();
    }

    private static Tensor centred(Tensor x) {
        return x.sub(x.mean(new long[] {0}, true, new ScalarTypeOptional()));
    }

    /** Norms of columns; the root's gradient stays finite at 0. */
    private static Tensor norm(Tensor x) {
        Tensor squares = x.mul(x).sum(0);
        Tensor zero = squares.eq(new Scalar(0.0));
        return squares.masked_fill(zero, new Scalar(1.0)).sqrt().masked_fill(zero, new Scalar(0.0));
    }

    private static Tensor sampled(Tensor c, Tensor noise, double temperature, int axis) {
        return logSoftmax(c.add(noise).div(new Scalar(temperature)), axis);
    }

    private static Tensor logSoftmax(Tensor x, int axis) {
        return torch.log_softmax(x, axis);
    }

    private static Tensor diagonal(Tensor logProbabilities) {
        return logProbabilities.diagonal().mean().neg();
    }

    private static Tensor mean(Tensor a, Tensor b) {
        return a.add(b).div(new Scalar(2.0));
    }
}
