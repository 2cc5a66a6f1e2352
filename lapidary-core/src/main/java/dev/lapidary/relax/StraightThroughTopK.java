package dev.lapidary.relax;

import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Keeps exactly the k greatest scores along an axis, as ones and zeros, and lets the gradient of a soft choice through.
 *
 * <p>The soft choice is the limited multi-label projection: σ((scores − θ)/temperature) with θ such that it sums to k along
 * the axis. Its Jacobian is (diag(w) − w·wᵀ/Σw)/temperature with w = σ·(1 − σ): raising one score lowers the others.
 *
 * <p>Shapes: scores and results are alike, of any rank; float32 or float64. What is returned belongs to the open
 * {@link TorchScope}, else to the caller.
 *
 * @param k how many to keep, from 1 to the axis' size
 * @param temperature above 0, in units of the scores
 * @param axis axis of the choices; negative counts from the last
 * @see <a href="https://arxiv.org/abs/1906.08707">Amos, Koltun and Kolter, The limited multi-label projection layer,
 *     2019</a>
 */
public record StraightThroughTopK(long k, double temperature, long axis) {
    /** Halvings of the bracket of θ before Newton's steps. */
    private static final int HALVINGS = 30;

    private static final int NEWTON_STEPS = 3;

    /** Checks that k is at least 1 and the temperature above 0. */
    public StraightThroughTopK {
        StraightThrough.requirePositive("temperature", temperature);
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1; got " + k);
        }
    }

    /** Returns k ones and else zeros along the axis; backward the gradient of {@link #soft}. */
    public Tensor apply(Tensor scores) {
        try (var scope = TorchScope.open()) {
            Tensor soft = soft(scores);
            Tensor indices = torch.topk(scores.detach(), k, axis, true, false).get1(); // [.., k, ..]
            return scope.keep(StraightThrough.join(StraightThrough.ones(soft, axis, indices), soft));
        }
    }

    /** Returns the soft choice, in (0, 1), which sums to k along the axis; where k is the axis' size, ones. */
    public Tensor soft(Tensor scores) {
        StraightThrough.requireAxis(scores, axis);
        long n = scores.size(axis);
        if (k > n) {
            throw new IllegalArgumentException("k must be at most the axis' size " + n + "; got " + k);
        }
        try (var scope = TorchScope.open()) {
            if (k == n) {
                return scope.keep(torch.ones_like(scores.detach())
                        .add(scores.sub(scores.detach()).mul(new Scalar(0f))));
            }
            Tensor fixed = scores.detach();
            Tensor threshold = threshold(fixed.to(ScalarType.Double), n).to(scores.scalar_type());
            Tensor choice = sigmoid(fixed, threshold);
            Tensor slope = choice.mul(choice.neg().add(new Scalar(1f)));
            Tensor weight = slope.div(sum(slope)); // dθ/dscores
            Tensor shift = sum(weight.mul(scores.sub(fixed))); // 0, with the gradient of θ
            return scope.keep(sigmoid(scores, threshold.add(shift)));
        }
    }

    /** Returns θ, float64, with size 1 along the axis. */
    private Tensor threshold(Tensor scores, long n) {
        Scalar reach = new Scalar(temperature * Math.log(n + 1.0)); // beyond it the sum is above n − 1, or below 1
        Tensor low = scores.amin(new long[] {axis}, true).sub(reach);
        Tensor high = scores.amax(new long[] {axis}, true).add(reach);
        Scalar half = new Scalar(0.5);
        for (int i = 0; i < HALVINGS; i++) {
            try (var scope = TorchScope.open()) {
                Tensor middle = low.add(high).mul(half);
                Tensor tooMany = sum(sigmoid(scores, middle)).gt(new Scalar((double) k));
                low.copy_(torch.where(tooMany, middle, low));
                high.copy_(torch.where(tooMany, high, middle));
            }
        }
        Tensor theta = low.add(high).mul(half);
        for (int i = 0; i < NEWTON_STEPS; i++) {
            try (var scope = TorchScope.open()) {
                Tensor choice = sigmoid(scores, theta);
                Tensor slope = sum(choice.mul(choice.neg().add(new Scalar(1f)))).clamp_min(new Scalar(1e-300));
                Tensor excess = sum(choice).sub(new Scalar((double) k));
                Tensor next = theta.add(excess.div(slope).mul(new Scalar(temperature)));
                theta.copy_(torch.minimum(torch.maximum(next, low), high)); // Newton may leave a flat bracket
            }
        }
        return theta;
    }

    private Tensor sigmoid(Tensor scores, Tensor threshold) {
        return scores.sub(threshold).div(new Scalar(temperature)).sigmoid();
    }

    private Tensor sum(Tensor tensor) {
        return tensor.sum(new long[] {axis}, true, new ScalarTypeOptional());
    }
}
