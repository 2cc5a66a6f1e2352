package dev.lapidary.estimator;

import dev.lapidary.estimator.RelaxedEstimator.Places;
import dev.lapidary.torch.TorchScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Draws one-hot choices and lets the loss's gradient through as if they were the probabilities: forward z ~ softmax(logits), backward
 * ∂f/∂z at z pushed through the Jacobian of softmax(logits/temperature).
 *
 * <p>Biased unless the loss is linear in each choice. Bengio et al. state it for binary units; temperature 1 is the categorical form that
 * Jang et al. compare with.
 *
 * @param temperature of the probabilities that the gradient goes through, above 0; the draws are at temperature 1
 * @see <a href="https://arxiv.org/abs/1308.3432">Bengio, Léonard and Courville, Estimating or propagating gradients through stochastic
 *     neurons, 2013</a>
 */
public record StraightThroughEstimator(double temperature) implements GradientEstimator {
    /** Checks the temperature. */
    public StraightThroughEstimator {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature must be positive and finite; got " + temperature);
        }
    }

    /** Returns the estimator of temperature 1. */
    public static StraightThroughEstimator standard() {
        return new StraightThroughEstimator(1);
    }

    @Override
    public Estimate estimate(Program program, Pass pass) {
        return Places.run(program, (place, logits) -> choose(logits, pass.gumbel(place, logits)));
    }

    private Tensor choose(Tensor logits, Tensor gumbel) {
        try (var scope = TorchScope.open()) {
            Tensor hard = HardChoices.oneHot(logits.detach().add(gumbel.to(logits.scalar_type())));
            Tensor soft = logits.div(new Scalar(temperature)).softmax(-1);
            return scope.keep(hard.add(soft.sub(soft.detach()))); // adds an exact zero
        }
    }
}
