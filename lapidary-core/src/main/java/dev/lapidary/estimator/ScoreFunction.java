package dev.lapidary.estimator;

import dev.lapidary.nn.Parameter;
import dev.lapidary.torch.TorchScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Weighs the gradient of the choices' log probability by their loss less a baseline: (f(z) − b)·∇ ln p(z) + ∇f(z).
 *
 * <p>Unbiased for every baseline that does not depend on the step's own choices; its variance does not fall with the smoothness of the
 * loss, since it never differentiates the loss in the choices.
 *
 * @param baseline what is subtracted; its state belongs to one training
 * @see <a href="https://doi.org/10.1007/BF00992696">Williams, Simple statistical gradient-following algorithms for connectionist
 *     reinforcement learning, 1992</a>
 */
public record ScoreFunction(Baseline baseline) implements GradientEstimator {
    @Override
    public List<Parameter> parameters() {
        return baseline.parameters();
    }

    @Override
    public Estimate estimate(Program program, Pass pass) {
        HardChoices choices = HardChoices.one(pass.noise(), pass.step());
        Tensor losses = program.loss(choices); // [rows]
        try (var scope = TorchScope.open()) {
            Baseline.Signal signal = baseline.signal(losses.detach(), pass);
            Tensor score = signal.value().mul(choices.logProbability()).mean();
            return new Estimate(
                    scope.keep(losses.mean().add(score).add(signal.loss())), scope.keep(losses.detach()));
        }
    }
}
