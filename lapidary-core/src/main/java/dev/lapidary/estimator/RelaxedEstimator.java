package dev.lapidary.estimator;

import dev.lapidary.relax.GumbelSoftmax;
import org.bytedeco.pytorch.Tensor;

/**
 * Differentiates the loss of a relaxed choice: the Gumbel-Softmax estimator, soft or straight-through, at an annealed temperature.
 *
 * <pre>
 * y = softmax((logits + g)/temperature),  gradient of f(y)          (soft)
 * gradient of f at the one-hot of y, pushed through y's Jacobian    (hard)
 * </pre>
 *
 * <p>Biased: the soft one estimates the gradient of another, smoother loss, which approaches the true one as the temperature falls, while
 * its variance grows.
 *
 * @param temperature above 0, unitless
 * @param hard whether the program sees one-hot choices
 * @see <a href="https://arxiv.org/abs/1611.01144">Jang, Gu and Poole, Categorical reparameterization with Gumbel-Softmax, ICLR 2017</a>
 */
public record RelaxedEstimator(AnnealedTemperature temperature, boolean hard) implements GradientEstimator {
    /** Returns the Gumbel-Softmax estimator. */
    public static RelaxedEstimator soft(AnnealedTemperature temperature) {
        return new RelaxedEstimator(temperature, false);
    }

    /** Returns the straight-through Gumbel-Softmax estimator. */
    public static RelaxedEstimator hard(AnnealedTemperature temperature) {
        return new RelaxedEstimator(temperature, true);
    }

    @Override
    public Estimate estimate(Program program, Pass pass) {
        GumbelSoftmax relaxed = new GumbelSoftmax(temperature.at(pass.step()), -1, hard);
        return Places.run(program, (place, logits) -> relaxed.sample(logits, pass.gumbel(place, logits)));
    }

    /** Numbers the choices of a program. */
    @FunctionalInterface
    interface Places {
        Tensor choose(int place, Tensor logits);

        /** Runs a program whose choices let gradients through, so that its mean loss is the surrogate. */
        static Estimate run(Program program, Places places) {
            int[] next = {0};
            Tensor losses = program.loss(logits -> places.choose(next[0]++, logits)); // [rows]
            return new Estimate(losses.mean(), losses.detach());
        }
    }
}
