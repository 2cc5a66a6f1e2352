package dev.lapidary.relax;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Draws from a categorical distribution so that gradients reach its logits: y = softmax((logits + g)/temperature) with
 * Gumbel noise g.
 *
 * <p>Soft samples lie inside the simplex and approach one-hot vectors as the temperature falls. Hard samples are exactly
 * one-hot, at the greatest of logits + g, which is the same for every temperature and distributed as softmax(logits); their
 * gradient is that of the soft sample (straight-through).
 *
 * <p>Shapes: logits, noise and samples are alike, of any rank; the samples sum to 1 along the axis. float32 or float64,
 * as the logits are; noise of another type is converted. What is returned belongs to the open {@link TorchScope}, else to
 * the caller.
 *
 * @param temperature above 0, unitless
 * @param axis axis of the choices; negative counts from the last
 * @param hard whether samples are one-hot
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax,
 *     ICLR 2017</a>
 */
public record GumbelSoftmax(double temperature, long axis, boolean hard) {
    /** Checks that the temperature is above 0. */
    public GumbelSoftmax {
        StraightThrough.requirePositive("temperature", temperature);
    }

    /** Returns a soft one of this temperature and axis. */
    public static GumbelSoftmax soft(double temperature, long axis) {
        return new GumbelSoftmax(temperature, axis, false);
    }

    /** Returns a straight-through one of this temperature and axis. */
    public static GumbelSoftmax hard(double temperature, long axis) {
        return new GumbelSoftmax(temperature, axis, true);
    }

    /** Returns a sample with the noise of a step, which the same seed, stream and step always repeat. */
    public Tensor sample(Tensor logits, CounterNoise noise, long step) {
        try (var scope = TorchScope.open()) {
            return scope.keep(sample(logits, Noise.gumbel(noise, step, Tensors.shape(logits))));
        }
    }

    /** Returns a sample with given standard Gumbel noise of the logits' shape. */
    public Tensor sample(Tensor logits, Tensor noise) {
        try (var scope = TorchScope.open()) {
            Tensor perturbed = perturbed(logits, noise);
            Tensor soft = perturbed.div(new Scalar(temperature)).softmax(axis);
            if (!hard) {
                return scope.keep(soft);
            }
            Tensor choice = perturbed.argmax(new LongOptional(axis), true);
            return scope.keep(StraightThrough.join(StraightThrough.ones(soft, axis, choice), soft));
        }
    }

    /**
     * Returns ln of the soft sample, finite where the sample itself rounds to 0.
     *
     * @throws IllegalStateException on a hard one, whose logarithm is −∞ almost everywhere
     */
    public Tensor logSample(Tensor logits, Tensor noise) {
        if (hard) {
            throw new IllegalStateException(
                    "a logarithm needs a soft sample; got a hard one, whose zeros give -Infinity");
        }
        try (var scope = TorchScope.open()) {
            return scope.keep(
                    perturbed(logits, noise).div(new Scalar(temperature)).log_softmax(axis));
        }
    }

    private Tensor perturbed(Tensor logits, Tensor noise) {
        StraightThrough.requireAxis(logits, axis);
        StraightThrough.requireSameShape("noise", Tensors.shape(logits), Tensors.shape(noise));
        return logits.add(noise.detach().to(logits.scalar_type()));
    }
}
