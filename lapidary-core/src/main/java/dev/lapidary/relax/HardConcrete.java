package dev.lapidary.relax;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Gates in [0, 1] that are exactly 0 or 1 with positive probability and differentiable in between, so that the expected
 * number of open gates can be penalised.
 *
 * <p>A gate is a sigmoid of logistic noise plus log α, stretched to (gamma, zeta) and clamped to [0, 1]:
 * s = σ((ln u − ln(1 − u) + log α)/beta), z = min(1, max(0, s·(zeta − gamma) + gamma)).
 *
 * <p>Shapes: log α, noise and gates are alike, of any rank; float32 or float64 as log α is; unitless. What is returned
 * belongs to the open {@link TorchScope}, else to the caller.
 *
 * @param beta temperature, above 0
 * @param gamma lower end of the stretch, below 0
 * @param zeta upper end of the stretch, above 1
 * @see <a href="https://arxiv.org/abs/1712.01312">Louizos, Welling and Kingma, Learning sparse neural networks through L0
 *     regularization, ICLR 2018</a>
 */
public record HardConcrete(double beta, double gamma, double zeta) {
    /** Checks that beta is above 0 and that the stretch reaches below 0 and above 1. */
    public HardConcrete {
        StraightThrough.requirePositive("beta", beta);
        if (!(gamma < 0 && zeta > 1 && Double.isFinite(zeta - gamma))) {
            throw new IllegalArgumentException(
                    "the stretch must reach below 0 and above 1; got " + gamma + " to " + zeta);
        }
    }

    /** Returns the constants of the paper: beta 2/3, stretch from −0.1 to 1.1. */
    public static HardConcrete standard() {
        return new HardConcrete(2.0 / 3.0, -0.1, 1.1);
    }

    /** Returns gates with the noise of a step, which the same seed, stream and step always repeat. */
    public Tensor sample(Tensor logAlpha, CounterNoise noise, long step) {
        try (var scope = TorchScope.open()) {
            return scope.keep(sample(logAlpha, Noise.uniform(noise, step, Tensors.shape(logAlpha))));
        }
    }

    /** Returns gates with given uniform noise in (0, 1) of log α's shape. */
    public Tensor sample(Tensor logAlpha, Tensor uniform) {
        StraightThrough.requireSameShape("noise", Tensors.shape(logAlpha), Tensors.shape(uniform));
        try (var scope = TorchScope.open()) {
            Tensor u = uniform.detach().to(logAlpha.scalar_type());
            Tensor logistic = u.log().sub(u.neg().log1p());
            return scope.keep(
                    stretched(logistic.add(logAlpha).div(new Scalar(beta)).sigmoid()));
        }
    }

    /** Returns the gates to use after training, without noise: the stretched and clamped σ(log α). */
    public Tensor gate(Tensor logAlpha) {
        try (var scope = TorchScope.open()) {
            return scope.keep(stretched(logAlpha.sigmoid()));
        }
    }

    /** Returns each gate's probability of not being 0: σ(log α − beta·ln(−gamma/zeta)). Its sum is the expected L0 norm. */
    public Tensor openProbability(Tensor logAlpha) {
        try (var scope = TorchScope.open()) {
            return scope.keep(
                    logAlpha.sub(new Scalar(beta * Math.log(-gamma / zeta))).sigmoid());
        }
    }

    /** Returns the expected number of gates that are not 0: the L0 penalty, a scalar. */
    public Tensor penalty(Tensor logAlpha) {
        try (var scope = TorchScope.open()) {
            return scope.keep(openProbability(logAlpha).sum());
        }
    }

    /** Returns σ((ln u − ln(1 − u) + log α)/beta) of one gate with given noise u in (0, 1), in float64: what {@link #stretch} clamps. */
    public double noisySigmoid(double logAlpha, double uniform) {
        return sigmoid((Math.log(uniform) - Math.log1p(-uniform) + logAlpha) / beta);
    }

    /** Returns one gate from its sigmoid: min(1, max(0, s·(zeta − gamma) + gamma)). */
    public double stretch(double sigmoid) {
        return Math.clamp(sigmoid * (zeta - gamma) + gamma, 0, 1);
    }

    /** Returns the derivative of a sampled gate in log α, from its {@link #noisySigmoid}; 0 where the gate is clamped. */
    public double slope(double noisySigmoid) {
        double gate = stretch(noisySigmoid);
        return gate > 0 && gate < 1 ? (zeta - gamma) * noisySigmoid * (1 - noisySigmoid) / beta : 0;
    }

    /** Returns one gate after training in float64, as {@link #gate(Tensor)}. */
    public double gate(double logAlpha) {
        return stretch(sigmoid(logAlpha));
    }

    /** Returns one gate's probability of not being 0 in float64, as {@link #openProbability(Tensor)}. */
    public double openProbability(double logAlpha) {
        return sigmoid(logAlpha - beta * Math.log(-gamma / zeta));
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private Tensor stretched(Tensor sigmoid) {
        return sigmoid.mul(new Scalar(zeta - gamma))
                .add(new Scalar(gamma))
                .clamp_min(new Scalar(0f))
                .clamp_max(new Scalar(1f));
    }
}
