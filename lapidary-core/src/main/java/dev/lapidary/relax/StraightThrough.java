package dev.lapidary.relax;

import dev.lapidary.torch.TorchScope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Joins a hard choice and its relaxation: forward the hard values exactly, backward the gradient of the soft ones.
 *
 * <p>Differs from the usual hard − soft.detach() + soft, which rounds: hard + (soft − soft.detach()) adds an exact zero.
 *
 * @see <a href="https://arxiv.org/abs/1308.3432">Bengio et al., Estimating or propagating gradients through stochastic
 *     neurons, 2013</a>
 */
final class StraightThrough {
    private StraightThrough() {}

    static Tensor join(Tensor hard, Tensor soft) {
        try (var scope = TorchScope.open()) {
            return scope.keep(hard.detach().add(soft.sub(soft.detach())));
        }
    }

    /** Returns zeros like the tensor with ones at the indices [.., k, ..] of the axis. */
    static Tensor ones(Tensor like, long axis, Tensor indices) {
        try (var scope = TorchScope.open()) {
            return scope.keep(torch.zeros_like(like.detach()).scatter(axis, indices, new Scalar(1f)));
        }
    }

    static void requireSameShape(String what, long[] expected, long[] got) {
        if (!Arrays.equals(expected, got)) {
            throw new IllegalArgumentException(
                    what + " must have shape " + Arrays.toString(expected) + "; got " + Arrays.toString(got));
        }
    }

    static void requireAxis(Tensor tensor, long axis) {
        if (axis < -tensor.dim() || axis >= tensor.dim()) {
            throw new IllegalArgumentException(
                    "axis must be one of the tensor's " + tensor.dim() + " axes; got " + axis);
        }
    }

    static void requirePositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " must be positive and finite; got " + value);
        }
    }
}
